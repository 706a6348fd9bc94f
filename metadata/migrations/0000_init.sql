CREATE SCHEMA IF NOT EXISTS "flowyml";
--> statement-breakpoint
CREATE TABLE "flowyml"."artifacts" (
	"sha256" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"type" text NOT NULL,
	"uri" text,
	"value" jsonb,
	"preview" text,
	"asset" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."asset_links" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"direction" text NOT NULL,
	"name" text NOT NULL,
	"asset" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "asset_links_run_id_execution_id_step_direction_name_pk" PRIMARY KEY("run_id","execution_id","step","direction","name")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."assets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "flowyml"."assets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"version" text NOT NULL,
	"revision" integer NOT NULL,
	"kind" text NOT NULL,
	"sha256" text NOT NULL,
	"immutable" boolean NOT NULL,
	"properties" jsonb NOT NULL,
	"tags" jsonb NOT NULL,
	"parents" text[] NOT NULL,
	"ref" jsonb NOT NULL,
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"output" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "assets_revision" UNIQUE("name","version","revision")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."attempts" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"attempt" integer NOT NULL,
	"status" text NOT NULL,
	"counted" boolean DEFAULT false NOT NULL,
	"worker" text NOT NULL,
	"error" jsonb,
	"progress" real,
	"progress_message" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "attempts_run_id_execution_id_step_index_attempt_pk" PRIMARY KEY("run_id","execution_id","step","index","attempt")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."cache" (
	"key" text PRIMARY KEY NOT NULL,
	"pipeline" text NOT NULL,
	"step" text NOT NULL,
	"parts" jsonb NOT NULL,
	"code_identity" text NOT NULL,
	"outputs" jsonb NOT NULL,
	"facts" jsonb,
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"duration_ms" double precision NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"hits" integer DEFAULT 0 NOT NULL,
	"last_hit_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "flowyml"."checkpoints" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"value" jsonb NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoints_run_id_execution_id_step_index_pk" PRIMARY KEY("run_id","execution_id","step","index")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."codes" (
	"identity" text PRIMARY KEY NOT NULL,
	"parts" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."experiment_runs" (
	"experiment" text NOT NULL,
	"run_id" text NOT NULL,
	"metrics" jsonb NOT NULL,
	"params" jsonb NOT NULL,
	"logged_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "experiment_runs_experiment_run_id_pk" PRIMARY KEY("experiment","run_id")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."leases" (
	"key" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"done" boolean DEFAULT false NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."lineage" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"direction" text NOT NULL,
	"name" text NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "lineage_run_id_execution_id_step_index_direction_name_pk" PRIMARY KEY("run_id","execution_id","step","index","direction","name")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."logs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "flowyml"."logs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"attempt" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"stream" text NOT NULL,
	"level" text NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."metrics" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "flowyml"."metrics_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"attempt" integer NOT NULL,
	"name" text NOT NULL,
	"value" double precision NOT NULL,
	"point" double precision,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."plans" (
	"hash" text PRIMARY KEY NOT NULL,
	"plan" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flowyml"."runs" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"pipeline" text NOT NULL,
	"version" text NOT NULL,
	"project" text NOT NULL,
	"stack" text NOT NULL,
	"status" text NOT NULL,
	"plan_hash" text NOT NULL,
	"request" jsonb NOT NULL,
	"params" jsonb NOT NULL,
	"module" text NOT NULL,
	"experiment" text,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"error" jsonb,
	"waiting" jsonb,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "runs_run_id_execution_id_pk" PRIMARY KEY("run_id","execution_id")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."steps" (
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"step" text NOT NULL,
	"index" integer DEFAULT -1 NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"attempts" integer NOT NULL,
	"duration_ms" double precision NOT NULL,
	"outputs" jsonb NOT NULL,
	"error" jsonb,
	"facts" jsonb,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "steps_run_id_execution_id_step_index_pk" PRIMARY KEY("run_id","execution_id","step","index")
);
--> statement-breakpoint
CREATE TABLE "flowyml"."workers" (
	"id" text PRIMARY KEY NOT NULL,
	"project" text NOT NULL,
	"pid" integer NOT NULL,
	"host" text NOT NULL,
	"pipelines" jsonb NOT NULL,
	"groups" text[],
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "asset_links_by_asset" ON "flowyml"."asset_links" USING btree ("asset","direction","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "assets_by_bytes" ON "flowyml"."assets" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "assets_by_parent" ON "flowyml"."assets" USING gin ("parents");--> statement-breakpoint
CREATE INDEX "cache_by_code" ON "flowyml"."cache" USING btree ("code_identity","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "cache_by_step" ON "flowyml"."cache" USING btree ("step","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "lineage_by_artifact" ON "flowyml"."lineage" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "logs_by_run" ON "flowyml"."logs" USING btree ("run_id","execution_id","id");--> statement-breakpoint
CREATE INDEX "metrics_by_run" ON "flowyml"."metrics" USING btree ("run_id","execution_id","name","point");--> statement-breakpoint
CREATE INDEX "runs_by_start" ON "flowyml"."runs" USING btree ("started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "runs_by_pipeline" ON "flowyml"."runs" USING btree ("pipeline","started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "runs_by_experiment" ON "flowyml"."runs" USING btree ("experiment","started_at" DESC NULLS LAST);