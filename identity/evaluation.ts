import { isFlowymlCall } from './flowyml-calls.ts';
import type { Linker } from './linker.ts';
import { endsLoading } from './loading.ts';
import { type ModuleParts, type Part, piece } from './module-parts.ts';
import { Summary } from './summary.ts';
import { awaited, isFunction, isName, type Node } from './syntax.ts';

/** Code that runs when its module is loaded, and what it may do to others by that. */
export interface Impact {
  part: Part;
  /** Any code may notice. */
  everywhere: boolean;
  /** Declarations that are not the same afterwards. */
  on: ReadonlySet<Part>;
}

/** Works out, module by module, what loading them does. */
export class Evaluation {
  private readonly linker: Linker;
  private readonly impacts = new Map<ModuleParts, Impact[]>();

  constructor(linker: Linker) {
    this.linker = linker;
  }

  /** What loading a module does by its own top level, in order. */
  of(module: ModuleParts): Impact[] {
    let impacts = this.impacts.get(module);
    if (!impacts) {
      impacts = runs(module).flatMap((part) => this.impactOf(part));
      this.impacts.set(module, impacts);
    }
    return impacts;
  }

  private impactOf(part: Part): Impact[] {
    const { everywhere, calls, on } = new Summary(this.linker, part);
    // In CommonJS a package is a variable like others.
    const all = everywhere || (part.node.type === 'Program' && calls);
    return all || on.size ? [{ part, everywhere: all, on }] : [];
  }
}

/** The pieces of a module that run when it is loaded: all but functions, up to `await run(…)`. */
function runs(module: ModuleParts): Part[] {
  const found: Part[] = [];
  for (const part of module.parts) {
    if (part.kind === 'function' || part.kind === 'enum') continue;
    found.push(...(part.kind === 'variable' || part.kind === 'statement' || part.kind === 'value' ? split(part) : [part]));
    if (endsLoading(part.node, module.around.imported)) break;
  }
  return found;
}

/** A step that calls a package for one of its schemas matters to others by that call alone, not by all that it is. */
function split(part: Part): Part[] {
  const { node, module } = part;
  const value = node.type === 'VariableDeclarator' ? node.init : node.type === 'ExpressionStatement' ? node.expression : node;
  const call = awaited(value);
  if (call?.type !== 'CallExpression' || !isFlowymlCall(call, module.around.imported)) return [part];
  return given(call, module).map((each) => piece(module, each));
}

/** What flowyml is given, down to what is more than a literal, a name or a function. */
function given(value: Node | null | undefined, module: ModuleParts): Node[] {
  const node = awaited(value);
  if (!node || isFunction(node) || isName(node) || node.type === 'Literal') return [];
  if (node.type === 'CallExpression' && isFlowymlCall(node, module.around.imported)) {
    return [node.callee, ...node.arguments].flatMap((each) => given(each, module));
  }
  if (node.type === 'MemberExpression') return given(node.object, module);
  if (node.type === 'ArrayExpression') return node.elements.flatMap((each) => given(each, module));
  if (node.type === 'SpreadElement') return given(node.argument, module);
  if (node.type === 'ObjectExpression')
    return node.properties.flatMap((each) => given(each.type === 'Property' ? each.value : each, module));
  return [node];
}
