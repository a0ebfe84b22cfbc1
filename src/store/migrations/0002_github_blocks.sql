CREATE TABLE "github_blocks" (
	"installation_id" bigint PRIMARY KEY NOT NULL,
	"since" bigint NOT NULL,
	"until" bigint NOT NULL
);
