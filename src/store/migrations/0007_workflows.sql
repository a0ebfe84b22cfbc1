CREATE TABLE "workflow_calls" (
	"run_id" text NOT NULL,
	"step" text NOT NULL,
	"journal" integer NOT NULL,
	"index" integer NOT NULL,
	"identity" text NOT NULL,
	"kind" text NOT NULL,
	"phase" text,
	"label" text NOT NULL,
	"prompt" text NOT NULL,
	"options" jsonb NOT NULL,
	"after" integer NOT NULL,
	"state" text DEFAULT 'asked' NOT NULL,
	"job" text,
	"position" integer,
	"result" jsonb,
	"why" text,
	"budget" jsonb,
	"branches" jsonb,
	"cost_usd" double precision,
	"asked_at" bigint NOT NULL,
	"ended_at" bigint,
	CONSTRAINT "workflow_calls_run_id_step_journal_index_pk" PRIMARY KEY("run_id","step","journal","index")
);
--> statement-breakpoint
CREATE TABLE "workflow_scripts" (
	"hash" text PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "workflow_calls_of_job" ON "workflow_calls" USING btree ("job");