DROP INDEX "workflow_calls_of_job";--> statement-breakpoint
CREATE INDEX "workflow_calls_by_position" ON "workflow_calls" USING btree ("run_id","step","journal","position");