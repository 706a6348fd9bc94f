CREATE TABLE "flowyml"."slots" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"project" text NOT NULL,
	"group_name" text NOT NULL,
	"holder" text,
	"max" integer NOT NULL,
	"priority" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "slots_run_id_execution_id_step_index_pk" PRIMARY KEY("run_id","execution_id","step","index")
);
--> statement-breakpoint
CREATE INDEX "slots_by_group" ON "flowyml"."slots" USING btree ("project","group_name");