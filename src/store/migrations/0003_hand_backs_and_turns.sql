ALTER TABLE "jobs" ADD COLUMN "hand_backs" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "turn" integer DEFAULT 1 NOT NULL;