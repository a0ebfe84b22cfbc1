CREATE TABLE "agent_log" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"start" integer NOT NULL,
	"seq" integer NOT NULL,
	"at" bigint NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "applied_events" (
	"run_id" text NOT NULL,
	"key" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "applied_events_run_id_key_pk" PRIMARY KEY("run_id","key")
);
--> statement-breakpoint
CREATE TABLE "configurations" (
	"repository_id" bigint PRIMARY KEY NOT NULL,
	"sha" text,
	"source" text,
	"good" jsonb,
	"errors" jsonb,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"event" text NOT NULL,
	"action" text,
	"installation_id" bigint,
	"repository_id" bigint,
	"payload" jsonb NOT NULL,
	"received_at" bigint NOT NULL,
	"state" text DEFAULT 'stored' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"processed_at" bigint
);
--> statement-breakpoint
CREATE TABLE "history" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"version" integer NOT NULL,
	"at" bigint NOT NULL,
	"what" text NOT NULL,
	"step" text,
	"who" text NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"step" text NOT NULL,
	"epoch" integer NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"spec" jsonb NOT NULL,
	"runner" text,
	"start" integer DEFAULT 0 NOT NULL,
	"heartbeat_at" bigint,
	"progress" jsonb,
	"result" jsonb,
	"cancel" text,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"data" jsonb NOT NULL,
	"state" text DEFAULT 'committed' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"created_at" bigint NOT NULL,
	"enqueued_at" bigint,
	"done_at" bigint,
	"position" bigserial NOT NULL
);
--> statement-breakpoint
CREATE TABLE "projections" (
	"run_id" text NOT NULL,
	"key" text NOT NULL,
	"external_id" text,
	"digest" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "projections_run_id_key_pk" PRIMARY KEY("run_id","key")
);
--> statement-breakpoint
CREATE TABLE "run_legs" (
	"run_id" text NOT NULL,
	"key" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"work_branch" text NOT NULL,
	"head" text,
	"pull_number" integer,
	"live" boolean NOT NULL,
	CONSTRAINT "run_legs_run_id_key_pk" PRIMARY KEY("run_id","key")
);
--> statement-breakpoint
CREATE TABLE "runners" (
	"id" text PRIMARY KEY NOT NULL,
	"version" text NOT NULL,
	"concurrency" integer NOT NULL,
	"active" jsonb NOT NULL,
	"runtimes" jsonb NOT NULL,
	"seen_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"installation_id" bigint NOT NULL,
	"repository_id" bigint NOT NULL,
	"repository" text NOT NULL,
	"thread" text NOT NULL,
	"number" integer NOT NULL,
	"state" text NOT NULL,
	"live" boolean NOT NULL,
	"requester_id" bigint NOT NULL,
	"requester" text NOT NULL,
	"title" text NOT NULL,
	"pipeline" text NOT NULL,
	"priority" boolean DEFAULT false NOT NULL,
	"version" integer NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"admitted_at" bigint,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "taken_triggers" (
	"key" text PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "timers" (
	"run_id" text NOT NULL,
	"id" text NOT NULL,
	"due_at" bigint NOT NULL,
	"fired_at" bigint,
	CONSTRAINT "timers_run_id_id_pk" PRIMARY KEY("run_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "agent_log_once" ON "agent_log" USING btree ("job_id","start","seq");--> statement-breakpoint
CREATE INDEX "agent_log_in_order" ON "agent_log" USING btree ("job_id","position");--> statement-breakpoint
CREATE INDEX "deliveries_unprocessed" ON "deliveries" USING btree ("received_at") WHERE "deliveries"."state" = 'stored';--> statement-breakpoint
CREATE INDEX "deliveries_newest" ON "deliveries" USING btree ("received_at","id");--> statement-breakpoint
CREATE INDEX "history_by_run" ON "history" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "jobs_by_run" ON "jobs" USING btree ("run_id","created_at");--> statement-breakpoint
CREATE INDEX "jobs_queued" ON "jobs" USING btree ("created_at","id") WHERE "jobs"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_running" ON "jobs" USING btree ("heartbeat_at") WHERE "jobs"."state" = 'running';--> statement-breakpoint
CREATE INDEX "outbox_committed" ON "outbox" USING btree ("created_at") WHERE "outbox"."state" = 'committed';--> statement-breakpoint
CREATE INDEX "outbox_enqueued" ON "outbox" USING btree ("enqueued_at") WHERE "outbox"."state" = 'enqueued';--> statement-breakpoint
CREATE INDEX "outbox_pending_by_run" ON "outbox" USING btree ("run_id") WHERE "outbox"."state" in ('committed', 'enqueued');--> statement-breakpoint
CREATE INDEX "run_legs_by_head" ON "run_legs" USING btree ("repository_id","head") WHERE "run_legs"."live";--> statement-breakpoint
CREATE INDEX "run_legs_by_pull" ON "run_legs" USING btree ("repository_id","pull_number") WHERE "run_legs"."live";--> statement-breakpoint
CREATE INDEX "run_legs_by_branch" ON "run_legs" USING btree ("repository_id","work_branch") WHERE "run_legs"."live";--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_live_per_issue" ON "runs" USING btree ("repository_id","number") WHERE "runs"."live";--> statement-breakpoint
CREATE INDEX "runs_queued" ON "runs" USING btree ("priority" DESC NULLS FIRST,"created_at","id") WHERE "runs"."live" and "runs"."admitted_at" is null;--> statement-breakpoint
CREATE INDEX "runs_live" ON "runs" USING btree ("id") WHERE "runs"."live";--> statement-breakpoint
CREATE INDEX "runs_by_issue" ON "runs" USING btree ("repository_id","number","created_at");--> statement-breakpoint
CREATE INDEX "runs_newest" ON "runs" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "runs_by_state" ON "runs" USING btree ("state","created_at","id");--> statement-breakpoint
CREATE INDEX "timers_due" ON "timers" USING btree ("due_at") WHERE "timers"."fired_at" is null;