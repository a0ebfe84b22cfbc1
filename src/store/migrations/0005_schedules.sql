CREATE TABLE "schedule_fires" (
	"repository_id" bigint NOT NULL,
	"name" text NOT NULL,
	"due_at" bigint NOT NULL,
	"state" text DEFAULT 'due' NOT NULL,
	"issue" integer,
	"run_id" text,
	"why" text DEFAULT '' NOT NULL,
	"ended_at" bigint,
	CONSTRAINT "schedule_fires_repository_id_name_due_at_pk" PRIMARY KEY("repository_id","name","due_at")
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"repository_id" bigint NOT NULL,
	"name" text NOT NULL,
	"installation_id" bigint NOT NULL,
	"repository" text NOT NULL,
	"cron" text NOT NULL,
	"time_zone" text NOT NULL,
	"pipeline" text NOT NULL,
	"next_at" bigint,
	CONSTRAINT "schedules_repository_id_name_pk" PRIMARY KEY("repository_id","name")
);
--> statement-breakpoint
CREATE INDEX "schedule_fires_open" ON "schedule_fires" USING btree ("due_at") WHERE "schedule_fires"."state" = 'due';--> statement-breakpoint
CREATE INDEX "schedule_fires_newest" ON "schedule_fires" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "schedules_due" ON "schedules" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "jobs_ended" ON "jobs" USING btree ("ended_at") WHERE "jobs"."ended_at" is not null;