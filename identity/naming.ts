import type { Mention, Surroundings } from './canonical.ts';
import type { ImportedName } from './flowyml-calls.ts';
import { memberName, type Node, unwrap } from './syntax.ts';

/** What names are written as: local ones by a number each, those of the top level by their mention, globals as they are. */
export class Naming {
  readonly mentions = new Map<string, Mention & { number: number }>();
  /** How many calls about steps and pipelines are around. */
  depth = 0;
  private readonly around: Surroundings;
  private readonly scopes: Map<string, string>[] = [];
  private locals = 0;

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** Writes with names that mean something of their own in there: a number each, unless `text` says otherwise. */
  within(names: Iterable<string>, write: () => string, text?: ReadonlyMap<string, string>): string {
    const scope = new Map<string, string>();
    for (const name of names) scope.set(name, text?.get(name) ?? `$${this.locals++} `);
    this.scopes.push(scope);
    const written = write();
    this.scopes.pop();
    return written;
  }

  name(name: string): string {
    return this.local(name) ?? (this.around.names.has(name) ? this.mention(name, []) : `#${name} `);
  }

  isTopLevel(name: string): boolean {
    return this.around.names.has(name) && this.local(name) === undefined;
  }

  readonly isGlobal = (name: string): boolean => !this.around.names.has(name) && this.local(name) === undefined;

  readonly imported = (name: string): ImportedName | undefined => (this.isTopLevel(name) ? this.around.imported(name) : undefined);

  /** `a.b.c` where `a` is of the top level: which members are whose shows only when modules are linked. */
  chain(node: Node): string | undefined {
    const chain = this.topLevelChain(node);
    return chain && this.mention(chain.name, chain.path);
  }

  private topLevelChain(node: Node): { name: string; path: string[] } | undefined {
    const inner = unwrap(node);
    if (inner.type === 'Identifier') return this.isTopLevel(inner.name) ? { name: inner.name, path: [] } : undefined;
    if (inner.type !== 'MemberExpression' || inner.optional) return undefined;
    const member = memberName(inner);
    const object = member === undefined ? undefined : this.topLevelChain(inner.object);
    return object && { name: object.name, path: [...object.path, member as string] };
  }

  private mention(name: string, path: string[]): string {
    const key = JSON.stringify([name, ...path]);
    let mention = this.mentions.get(key);
    if (!mention) {
      mention = { number: this.mentions.size, name, path, given: true };
      this.mentions.set(key, mention);
    }
    if (!this.depth) mention.given = false;
    return `@${mention.number} `;
  }

  private local(name: string): string | undefined {
    return this.scopes.findLast((scope) => scope.has(name))?.get(name);
  }
}
