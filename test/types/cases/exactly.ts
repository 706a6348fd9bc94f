type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless the value has exactly this type. */
export const exactly =
  <Expected>() =>
  <Actual>(value: Actual, ..._same: Equal<Expected, Actual> extends true ? [] : ['has another type']): Actual =>
    value;

exactly<number>()(1 as number);
// error: has another type
exactly<number>()(1 as number | undefined);
// error: has another type
exactly<number>()(1 as unknown);
