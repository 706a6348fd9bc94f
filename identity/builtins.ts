// What JavaScript's own functions do, as far as it matters for what runs when a module is loaded. Lists of names, fixed
// here: asking the running Node for its methods would give other answers on another machine.

const words = (text: string) => new Set(text.trim().split(/\s+/));

/** Methods that change what they are called on. */
export const CHANGING = words(`
  push unshift pop shift splice sort reverse fill copyWithin add set delete clear append
  setTime setDate setFullYear setHours setMinutes setSeconds setMilliseconds setMonth
  setUTCDate setUTCFullYear setUTCHours setUTCMinutes setUTCSeconds setUTCMilliseconds setUTCMonth
  writeUInt8 writeUInt16LE writeUInt32LE writeInt8 writeInt16LE writeInt32LE writeFloatLE writeDoubleLE write
`);

/** Methods that call what they are given at once, or soon. */
export const CALLING = words(`
  map filter forEach reduce reduceRight some every find findIndex findLast findLastIndex flatMap sort toSorted
  replace replaceAll then catch finally groupBy from fromAsync call apply
`);

/** Methods that give something new, which nobody else can hold. */
export const COPYING = words(`
  map filter flat flatMap slice concat split keys values entries toSorted toReversed toSpliced with subarray
  join trim trimStart trimEnd toUpperCase toLowerCase padStart padEnd repeat replace replaceAll substring
  toString toFixed toISOString toJSON stringify parse from of fromEntries match matchAll
`);

/** Methods that change nothing but what their callbacks do. */
const READING = words(`
  forEach reduce reduceRight some every find findIndex findLast findLastIndex at includes indexOf lastIndexOf get has size
  startsWith endsWith charAt charCodeAt codePointAt localeCompare normalize search test exec substr
  getTime getDate getDay getFullYear getHours getMinutes getSeconds getMilliseconds getMonth getTimezoneOffset
  getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMinutes getUTCSeconds getUTCMilliseconds getUTCMonth
  toLocaleString toLocaleDateString toLocaleTimeString toLocaleLowerCase toLocaleUpperCase toDateString toPrecision
  toExponential valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable freeze then catch finally next return throw bind
  readUInt8 readUInt16LE readUInt32LE readInt8 readInt16LE readInt32LE readFloatLE readDoubleLE equals compare byteLength
  description isWellFormed toWellFormed
`);

/** Whether a method of this name, on a value that is plain data, does no more than read it. */
export const isReading = (method: string) => (READING.has(method) || COPYING.has(method)) && !CHANGING.has(method);

/** Globals whose functions change nothing that others see. */
export const HARMLESS = words(`
  Object Array Map Set WeakMap WeakSet WeakRef RegExp Date URL URLSearchParams TextEncoder TextDecoder
  Error TypeError RangeError SyntaxError EvalError URIError ReferenceError AggregateError
  Number String Boolean Symbol BigInt Math JSON Promise Reflect Proxy Intl Atomics Function
  ArrayBuffer SharedArrayBuffer DataView Buffer Blob File
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
  BigInt64Array BigUint64Array
  structuredClone encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape atob btoa parseInt parseFloat isNaN isFinite
  AbortController AbortSignal Event EventTarget Headers Request Response FormData fetch performance crypto console
  setTimeout setInterval setImmediate queueMicrotask clearTimeout clearInterval clearImmediate require
`);

/** Of these globals, what they are given is kept and not called. */
export const KEEPING = words('Object Map Set WeakMap WeakSet WeakRef Error TypeError RangeError Symbol Number String Boolean Math JSON');

/** What of `process` may be called or set without a trace. */
export const PROCESS = words('cwd exit exitCode on once off uptime hrtime memoryUsage nextTick emitWarning stdout stderr abort kill');

/** What changes its first argument. */
export const CHANGES_FIRST = words(`
  Object.assign Object.defineProperty Object.defineProperties Object.setPrototypeOf
  Reflect.set Reflect.defineProperty Reflect.deleteProperty Reflect.setPrototypeOf
`);

/** Modules of Node's whose functions are called for what they do outside: files, output, time. */
export const OUTWARD = words('fs fs/promises timers timers/promises console assert assert/strict path process util child_process os url');
