/**
 * JSON Schemas as trees: where schemas stand in a schema, and where references lead.
 */

import type { JSONSchema } from '@tanstack/ai'

import { isRecord } from '../reading.js'
import { SchemaError } from './errors.js'

/** A schema, or the booleans that take everything and nothing. */
export type Schema = JSONSchema | boolean

/** The names of the way from the root to a place: `['properties', 'home', 'items']`. */
export type Path = ReadonlyArray<string>

/** Keywords whose values are schemas, by how they hold them. */
const HOLDERS: ReadonlyMap<string, 'one' | 'list' | 'named' | 'one or list'> = new Map([
  ...['additionalProperties', 'additionalItems', 'contains', 'else', 'if', 'not', 'propertyNames', 'then'].map(
    (keyword) => [keyword, 'one'] as const,
  ),
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'].map((keyword) => [keyword, 'one'] as const),
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((keyword) => [keyword, 'list'] as const),
  ...['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'].map(
    (keyword) => [keyword, 'named'] as const,
  ),
  ['items', 'one or list'],
])

/** Keywords whose schemas speak of the same value as the schema that holds them. */
const IN_PLACE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'])

/** Tell whether a value may stand where a schema stands. */
export function isSchema(value: unknown): value is Schema {
  return isRecord(value) || typeof value === 'boolean'
}

/** Return a schema with each schema directly inside it replaced by what `change` makes of it; values are left alone. */
export function mapped(schema: JSONSchema, change: (inner: Schema, path: Path) => Schema): JSONSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      const holds = HOLDERS.get(keyword)
      const at = (name: string, inner: unknown): unknown => (isSchema(inner) ? change(inner, [keyword, name]) : inner)
      if (Array.isArray(value)) {
        const isList = holds === 'list' || holds === 'one or list'
        return [keyword, isList ? value.map((inner, index) => at(String(index), inner)) : value]
      }
      if (holds === 'named' && isRecord(value)) {
        return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, at(name, inner)]))]
      }
      const isOne = holds === 'one' || holds === 'one or list'
      return [keyword, isOne && isSchema(value) ? change(value, [keyword]) : value]
    }),
  )
}

/** Return the schemas directly inside a schema, with the way to each. */
export function inside(schema: JSONSchema): Array<readonly [Path, Schema]> {
  const found: Array<readonly [Path, Schema]> = []
  mapped(schema, (inner, path) => {
    found.push([path, inner])
    return inner
  })
  return found
}

/** Return every schema of a document that is an object, with the way to it, the root first. */
export function everySchema(root: Schema, path: Path = []): Array<readonly [Path, JSONSchema]> {
  if (typeof root === 'boolean') return []
  return [[path, root], ...inside(root).flatMap(([step, inner]) => everySchema(inner, [...path, ...step]))]
}

/** Return the types that a schema names, as a list. */
export function typesOf(schema: JSONSchema): Array<string> {
  return Array.isArray(schema.type) ? schema.type : typeof schema.type === 'string' ? [schema.type] : []
}

/** Tell whether a schema is of objects: by its type, or by its properties where it names no type. */
export function isObjectSchema(schema: JSONSchema): boolean {
  return typesOf(schema).includes('object') || (schema.type === undefined && isRecord(schema.properties))
}

/** Return the names that an object schema requires. */
export function requiredOf(schema: JSONSchema): ReadonlySet<string> {
  return new Set(Array.isArray(schema.required) ? schema.required : [])
}

/** Return a place for a message: `properties.home.items`, `the root`. */
export function named(path: Path): string {
  return path.length === 0 ? 'the root' : path.join('.')
}

/** Return the schema that a reference of a document leads to, one step; raises SchemaError where it leads nowhere. */
export function targetOf(root: JSONSchema, reference: string): Schema {
  const names = pathOf(reference)
  let target: unknown = names === undefined ? anchored(root, reference) : root
  for (const name of names ?? []) {
    const holder = target
    target =
      isRecord(holder) && Object.hasOwn(holder, name)
        ? holder[name]
        : Array.isArray(holder)
          ? holder[Number(name)]
          : undefined
  }
  if (isSchema(target)) return target
  throw new SchemaError(`The schema's $ref ${reference} leads nowhere within the schema`)
}

/** Return the way that a reference within its own document describes, undefined for an anchor or another document. */
export function pathOf(reference: string): Path | undefined {
  if (reference === '#') return []
  if (!reference.startsWith('#/')) return undefined
  try {
    return decodeURIComponent(reference)
      .slice(2)
      .split('/')
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch {
    throw new SchemaError(`The schema's $ref ${reference} cannot be read`)
  }
}

/** Return the reference that describes a way; the opposite of `pathOf`. */
export function referenceTo(path: Path): string {
  return ['#', ...path.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')))].join('/')
}

function anchored(root: JSONSchema, reference: string): Schema | undefined {
  const isAnchor = reference.startsWith('#')
  return isAnchor ? everySchema(root).find(([, schema]) => schema.$anchor === reference.slice(1))?.[1] : undefined
}

/**
 * Check that each reference leads to a schema, and that none leads back to itself without a value in between.
 *
 * Raises SchemaError that names the reference: whoever follows such a circle never ends.
 */
export function checkReferences(root: JSONSchema): void {
  const checked = new Set<Schema>()
  const follow = (schema: Schema, open: ReadonlySet<Schema>): void => {
    if (typeof schema === 'boolean' || checked.has(schema)) return
    const within = new Set([...open, schema])
    for (const [reference, next] of sameValue(root, schema)) {
      if (within.has(next)) throw new SchemaError(`The schema's $ref ${reference} leads only to itself`)
      follow(next, within)
    }
    checked.add(schema)
  }
  for (const [, schema] of everySchema(root)) follow(schema, new Set())
}

/** Return the schemas that speak of the same value as a schema, each with the reference or keyword that leads there. */
function sameValue(root: JSONSchema, schema: JSONSchema): Array<readonly [string, Schema]> {
  const inner = inside(schema).flatMap(([path, one]) =>
    path[0] !== undefined && IN_PLACE.has(path[0]) ? [[path[0], one] as const] : [],
  )
  return typeof schema.$ref === 'string' ? [[schema.$ref, targetOf(root, schema.$ref)], ...inner] : inner
}
