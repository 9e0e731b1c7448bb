/**
 * A schema as OpenAI's strict mode takes it (§14.3, R34).
 */

import type { JSONSchema } from '@tanstack/ai'

import { isRecord } from '../reading.js'
import { SchemaError } from './errors.js'
import type { Path, Schema } from './schemas.js'
import {
  checkReferences,
  everySchema,
  isObjectSchema,
  mapped,
  named,
  pathOf,
  referenceTo,
  requiredOf,
  targetOf,
  typesOf,
} from './schemas.js'

const SCALARS = new Set(['string', 'number', 'integer', 'boolean'])

/**
 * Return a schema in which every object is closed and requires all of its properties, the optional ones taking null.
 *
 * §14.3 forgets optional objects, arrays, enums and references, and all of `$defs` (ledger H7); we read all of them.
 * Raises SchemaError with the path for oneOf, allOf and maps, which strict mode does not take, and for references that
 * lead nowhere.
 */
export function openAISchema(root: JSONSchema): JSONSchema {
  checkReferences(root)
  for (const [path, schema] of everySchema(root)) refuse(schema, path)
  return new Strict(root).strict(root, []) as JSONSchema
}

function refuse(schema: JSONSchema, path: Path): void {
  const { additionalProperties: rest, patternProperties } = schema
  const isMap = (isRecord(rest) && Object.keys(rest).length > 0) || Object.keys(patternProperties ?? {}).length > 0
  const fault =
    'oneOf' in schema ? 'oneOf' : 'allOf' in schema ? 'allOf' : isMap ? 'a map (members of any name)' : undefined
  if (fault === undefined) return
  throw new SchemaError(`OpenAI's structured output does not take ${fault}, which the schema has at ${named(path)}`)
}

/** One document on its way to strict mode. */
class Strict {
  readonly #root: JSONSchema
  /** The places that references lead to: what stands there must stay what it is, whoever else looks at it. */
  readonly #targets: ReadonlySet<string>
  /** The places whose schema moved into a variant beside null. */
  readonly #moved: ReadonlySet<string>

  constructor(root: JSONSchema) {
    this.#root = root
    const all = everySchema(root)
    this.#targets = new Set(
      all.flatMap(([, { $ref }]) => (typeof $ref === 'string' ? [referenceTo(pathOf($ref) ?? [])] : [])),
    )
    this.#moved = new Set(
      all.flatMap(([path, schema]) =>
        optional(schema).flatMap(([name, property]) => {
          const place = [...path, 'properties', name]
          return this.#isWrapped(property, place) ? [referenceTo(place)] : []
        }),
      ),
    )
  }

  /** Return a schema, and all inside it, in strict form. */
  strict(schema: Schema, path: Path): Schema {
    if (typeof schema === 'boolean') return schema
    const inner = mapped(schema, (one, step) => this.strict(one, [...path, ...step]))
    if (typeof inner.$ref === 'string') inner.$ref = this.#moveReference(inner.$ref)
    if (!isObjectSchema(schema)) return inner
    const properties = Object.fromEntries(Object.entries(inner.properties ?? {}))
    for (const [name, property] of optional(schema)) {
      const place = [...path, 'properties', name]
      properties[name] = this.#withNull(property, properties[name] ?? {}, place)
    }
    return {
      ...inner,
      type: inner.type ?? 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    }
  }

  /** Return a property's strict form that also takes null, in the way that changes least. */
  #withNull(property: Schema, made: Schema, place: Path): JSONSchema {
    if (this.#isWrapped(property, place)) return { anyOf: [made as JSONSchema, { type: 'null' }] }
    if (typeof made === 'boolean' || this.#takesNull(property)) return made as JSONSchema
    if (Array.isArray(made.anyOf)) return { ...made, anyOf: [...made.anyOf, { type: 'null' }] }
    const types = typesOf(made)
    return {
      ...made,
      ...(types.length === 0 || types.includes('null') ? {} : { type: [...types, 'null'] }),
      ...(made.enum === undefined || made.enum.includes(null) ? {} : { enum: [...made.enum, null] }),
    }
  }

  /** Tell whether null can only be added beside a schema, and not in it. */
  #isWrapped(property: Schema, place: Path): boolean {
    if (typeof property === 'boolean' || this.#takesNull(property)) return false
    if (this.#targets.has(referenceTo(place)) || 'const' in property || property.$ref !== undefined) return true
    if (property.anyOf !== undefined) return property.type !== undefined || property.enum !== undefined
    return !typesOf(property).every((type) => SCALARS.has(type) || type === 'null') || isObjectSchema(property)
  }

  #takesNull(schema: Schema): boolean {
    if (typeof schema === 'boolean') return schema
    const types = typesOf(schema)
    const byType = types.length > 0 ? types.includes('null') : !isObjectSchema(schema)
    const byValue = 'const' in schema ? schema.const === null : (schema.enum?.includes(null) ?? true)
    const byVariant = schema.anyOf?.some((variant) => this.#takesNull(variant)) ?? true
    const byTarget = schema.$ref === undefined || this.#takesNull(targetOf(this.#root, schema.$ref))
    return byType && byValue && byVariant && byTarget
  }

  /** Return a reference to where its target stands now. */
  #moveReference(reference: string): string {
    const way = pathOf(reference)
    if (way === undefined) return reference
    const now = way.flatMap((name, index) =>
      this.#moved.has(referenceTo(way.slice(0, index + 1))) ? [name, 'anyOf', '0'] : [name],
    )
    return now.length === way.length ? reference : referenceTo(now)
  }
}

function optional(schema: JSONSchema): Array<[string, Schema]> {
  if (!isObjectSchema(schema)) return []
  const required = requiredOf(schema)
  return Object.entries(schema.properties ?? {}).filter(([name]) => !required.has(name))
}
