import { z } from 'zod';
import { fileSchema } from './schema.ts';
import { ALIASES, STORES } from './short-forms.ts';

interface Node {
  [key: string]: unknown;
  properties?: Record<string, Node>;
  required?: string[];
  oneOf?: Node[];
  anyOf?: Node[];
  additionalProperties?: Node;
  const?: unknown;
}

/** The JSON Schema of flowyml.yaml as people write it, short forms and all: for editors. */
export function fileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as Node;
  const { stacks, groups } = schema.properties ?? {};
  allowShortForms(schema, 'local');
  for (const stack of variants(stacks?.additionalProperties)) {
    const type = typeOf(stack);
    if (type === 'local') withoutType(stack);
    allowShortForms(stack, type);
  }
  if (groups?.additionalProperties) allowShortForms(groups.additionalProperties, '');
  return { ...schema, title: 'flowyml.yaml' };
}

const variants = (node: Node | undefined) => node?.oneOf ?? node?.anyOf ?? [];
const typeOf = (variant: Node) => String(variant.properties?.type?.const ?? '');

/** What `writeOutFile` writes out. */
function allowShortForms({ properties = {} }: Node, stackType: string): void {
  for (const key of ['executor', 'orchestrator']) {
    const component = properties[key];
    if (!component) continue;
    const names = variants(component).filter(({ required }) => required?.join() === 'type');
    const { oneOf, anyOf, ...rest } = component;
    const forms: Node[] = [{ enum: names.map(typeOf) }, ...(key === 'orchestrator' ? [{ type: 'null' }] : []), ...variants(component)];
    properties[key] = { ...rest, anyOf: forms };
  }
  for (const store of variants(properties.artifact_store)) {
    if (typeOf(store) === STORES[stackType]) withoutType(store);
    allowAliases(store, ALIASES.artifact_store ?? {});
  }
}

function withoutType(variant: Node): void {
  variant.required = variant.required?.filter((key) => key !== 'type') ?? [];
  if (!variant.required.length) delete variant.required;
}

function allowAliases(variant: Node, aliases: Record<string, string>): void {
  for (const [alias, key] of Object.entries(aliases)) {
    const meant = variant.properties?.[key];
    if (!variant.properties || !meant) continue;
    variant.properties[alias] = { ...meant };
    variant.required = variant.required?.filter((each) => each !== key) ?? [];
    variant.oneOf = [{ required: [key] }, { required: [alias] }];
  }
}
