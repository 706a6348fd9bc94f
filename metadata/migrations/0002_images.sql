CREATE TABLE "flowyml"."images" (
	"project" text NOT NULL,
	"recipe" text NOT NULL,
	"image" text NOT NULL,
	"reference" text NOT NULL,
	"environment" text NOT NULL,
	"made_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "images_project_recipe_pk" PRIMARY KEY("project","recipe")
);
