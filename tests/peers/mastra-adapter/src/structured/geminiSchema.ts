/**
 * A schema as Gemini's `responseSchema` takes it: a subset of OpenAPI's, without references (§14.8, R34).
 */

import type { JSONSchema } from '@tanstack/ai'

import { isRecord } from '../reading.js'
import { SchemaError } from './errors.js'
import type { Path, Schema } from './schemas.js'
import { checkReferences, isObjectSchema, mapped, named, targetOf, typesOf } from './schemas.js'

/** The keywords of https://ai.google.dev/api/caching#Schema. */
const KEPT = new Set([
  ...['type', 'format', 'title', 'description', 'nullable', 'enum', 'items', 'minItems', 'maxItems', 'properties'],
  ...['required', 'minProperties', 'maxProperties', 'minLength', 'maxLength', 'pattern', 'example', 'anyOf'],
  ...['propertyOrdering', 'default', 'minimum', 'maximum'],
])
/** Keywords that describe a part of the answer: without them Gemini would not know of that part. */
const NEEDED = ['allOf', 'patternProperties', 'prefixItems', 'dependentSchemas'] as const
/** Keywords that belong to one type only, where a list of types is told as variants. */
const OF_TYPE: Readonly<Record<string, ReadonlyArray<string>>> = {
  object: ['properties', 'required', 'minProperties', 'maxProperties', 'propertyOrdering'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
}
const OF_SOME_TYPE = new Set(Object.values(OF_TYPE).flat())
const TOLD = new Set(['title', 'description', 'default'])
const MOST_SCHEMAS = 10_000

/**
 * Return a schema in Gemini's subset: each reference is replaced by its target, and limits that Gemini does not know
 * are left out, since the answer is validated anyway.
 *
 * §14.8 sends the standard schema, which `responseSchema` refuses. Null is told as a variant, which Gemini and routers
 * to it understand, while `nullable` is dropped by its AI SDK package. Raises SchemaError with the path for a schema
 * that refers to itself, and for what the subset cannot say: allOf, maps, tuples.
 */
export function geminiSchema(root: JSONSchema): JSONSchema {
  checkReferences(root)
  return new Subset(root).said(root, [], new Set())
}

class Subset {
  readonly #root: JSONSchema
  #count = 0

  constructor(root: JSONSchema) {
    this.#root = root
  }

  /** Return what a schema says in the subset; `open` are the targets that it stands in. */
  said(schema: Schema, path: Path, open: ReadonlySet<Schema>): JSONSchema {
    this.#count += 1
    if (this.#count > MOST_SCHEMAS)
      throw new SchemaError('The schema is too large for Gemini once its references are replaced')
    if (schema === false) throw new SchemaError(`Gemini's schema cannot say that nothing fits, as at ${named(path)}`)
    if (schema === true) return {}
    if (typeof schema.$ref === 'string') return this.#replaced(schema, schema.$ref, path, open)
    refuse(schema, path)
    const opened = new Set([...open, schema])
    const inner = mapped(onlyKept(schema), (one, step) => this.said(one, [...path, ...step], opened))
    return withSingleType(withValues(schema, inner))
  }

  #replaced(schema: JSONSchema, reference: string, path: Path, open: ReadonlySet<Schema>): JSONSchema {
    const target = targetOf(this.#root, reference)
    if (open.has(target)) {
      throw new SchemaError(`Gemini's schema cannot refer to itself, as $ref ${reference} does at ${named(path)}`)
    }
    const { $ref: _, ...beside } = schema
    const within = new Set([...open, target])
    if (typeof target === 'boolean') return this.said(target, path, within)
    return this.said({ ...target, ...beside }, path, within)
  }
}

function refuse(schema: JSONSchema, path: Path): void {
  const isMap = isRecord(schema.additionalProperties) && Object.keys(schema.additionalProperties).length > 0
  const isTuple = Array.isArray(schema.items)
  const fault = NEEDED.find((keyword) => keyword in schema) ?? (isMap ? 'map' : isTuple ? 'tuple' : undefined)
  if (fault !== undefined)
    throw new SchemaError(`Gemini's schema knows no ${fault}, and the schema has one at ${named(path)}`)
}

/** Return a schema without the keywords that Gemini does not have; one of several is told as any of several. */
function onlyKept(schema: JSONSchema): JSONSchema {
  const kept = Object.fromEntries(Object.entries(schema).filter(([keyword]) => KEPT.has(keyword)))
  if (!Array.isArray(schema.oneOf)) return kept
  if (kept.anyOf !== undefined) throw new SchemaError("Gemini's schema cannot hold oneOf beside anyOf")
  return { ...kept, anyOf: schema.oneOf }
}

/** Return a schema with its one value as a list of one, and with the type of values that are all texts. */
function withValues(schema: JSONSchema, inner: JSONSchema): JSONSchema {
  if (schema.const === null) return { ...inner, type: 'null' }
  if ('const' in schema) return withValues(inner, { ...inner, enum: [schema.const] })
  if (inner.type === undefined && isObjectSchema(inner)) return { ...inner, type: 'object' }
  const values = inner.enum?.filter((value) => value !== null) ?? []
  const areTexts = values.length > 0 && values.every((value) => typeof value === 'string')
  return inner.type === undefined && areTexts
    ? { ...inner, type: inner.enum?.includes(null) ? ['string', 'null'] : 'string' }
    : inner
}

/** Return a schema of one type: each of several becomes a variant, and so does null. */
function withSingleType(schema: JSONSchema): JSONSchema {
  const types = typesOf(schema)
  const takesNull = types.includes('null') && (schema.enum?.includes(null) ?? true)
  const others = types.filter((type) => type !== 'null')
  if (others.length === 0 && takesNull) return { ...told(schema), type: 'null' }
  const variants = others.map((type) => ofType(schema, type))
  if (takesNull) variants.push({ type: 'null' })
  if (variants.length > 1) return { ...told(schema), anyOf: variants }
  return { ...schema, ...variants[0] }
}

/** Return what is told to the model of a schema, whatever its type. */
function told(schema: JSONSchema): JSONSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => TOLD.has(keyword)))
}

/** Return what a schema says of the values of one of its types. */
function ofType(schema: JSONSchema, type: string): JSONSchema {
  const isOwn = (keyword: string): boolean => !OF_SOME_TYPE.has(keyword) || (OF_TYPE[type]?.includes(keyword) ?? false)
  const own = Object.entries(schema).filter(([keyword]) => !TOLD.has(keyword) && isOwn(keyword))
  const values = schema.enum?.filter((value) => value !== null)
  return { ...Object.fromEntries(own), type, ...(values && { enum: values }) }
}
