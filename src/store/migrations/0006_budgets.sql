CREATE TABLE "spent" (
	"scope" text NOT NULL,
	"subject" text NOT NULL,
	"period" text NOT NULL,
	"reserved_usd" double precision NOT NULL,
	"spent_usd" double precision NOT NULL,
	CONSTRAINT "spent_scope_subject_period_pk" PRIMARY KEY("scope","subject","period")
);
--> statement-breakpoint
ALTER TABLE "model_calls" ADD COLUMN "estimated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "model_calls" ADD COLUMN "accounts" jsonb DEFAULT '[]'::jsonb NOT NULL;