CREATE TABLE "model_calls" (
	"id" text PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"start" integer NOT NULL,
	"run_id" text NOT NULL,
	"step" text NOT NULL,
	"role" text NOT NULL,
	"vendor" text NOT NULL,
	"model" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"reserved_usd" double precision,
	"cost_usd" double precision,
	"input_tokens" integer,
	"output_tokens" integer,
	"cache_read_tokens" integer,
	"cache_write_tokens" integer,
	"started_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE INDEX "model_calls_by_run" ON "model_calls" USING btree ("run_id","started_at");--> statement-breakpoint
CREATE INDEX "model_calls_of_job" ON "model_calls" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "model_calls_open" ON "model_calls" USING btree ("started_at") WHERE "model_calls"."state" = 'open';