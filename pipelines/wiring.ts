import type { z } from 'zod';
import type { ArtifactType } from './artifact-types.ts';
import type { AnyStep } from './step.ts';
import type { Asset, TableValue } from './values.ts';

/** The form in which a value goes from one step to the next: what producer and consumer must agree on. */
type Wire<T> = T extends z.ZodType
  ? { json: z.input<T> }
  : T extends ArtifactType<infer Kind, never, infer Value>
    ? { kind: Kind; value: Plain<Value> }
    : never;

/** A table is its rows' columns, also inside an asset: an interface says the same as a type with the same fields. */
type Plain<Value> =
  Value extends TableValue<infer R> ? { rows: { [C in keyof R]: R[C] } } : Value extends Asset<infer Data> ? { asset: Plain<Data> } : Value;

type UnionToIntersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never;
type OutputsOf<S extends AnyStep> = UnionToIntersection<S extends AnyStep ? { [K in keyof S['outputs']]: Wire<S['outputs'][K]> } : never>;

type Problem<S extends AnyStep, Available> = {
  [K in keyof S['inputs']]: S['inputs'][K] extends { readonly from: string } // an asset: no step produces it
    ? never
    : K extends keyof Available
      ? Available[K] extends Wire<S['inputs'][K]>
        ? never
        : `step '${S['name']}': input '${K & string}' has another type than the step that produces it`
      : `step '${S['name']}': no step produces input '${K & string}'`;
}[keyof S['inputs']];

/**
 * The steps themselves where the wiring is right; at the place of a step at fault, the message that says what is wrong.
 * Lists whose length the compiler does not know (`Step[]`, made in a loop) pass unchecked: they are checked when planned.
 */
export type Wired<S extends readonly AnyStep[]> = number extends S['length']
  ? S
  : { [K in keyof S]: [Problem<S[K], OutputsOf<S[number]>>] extends [never] ? S[K] : Problem<S[K], OutputsOf<S[number]>> };

/** `unknown` where the steps are wired, else the first messages: for a parameter that takes a whole pipeline. */
export type WiredPipeline<S extends readonly AnyStep[]> = number extends S['length']
  ? unknown
  : [Problems<S>] extends [never]
    ? unknown
    : { wiring: Problems<S> };
type Problems<S extends readonly AnyStep[]> = { [K in keyof S]: Problem<S[K], OutputsOf<S[number]>> }[number];
