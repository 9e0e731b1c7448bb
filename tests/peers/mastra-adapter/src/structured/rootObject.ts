/**
 * A schema with an object at its root, for the inputs of tools and for OpenAI, which take no other (R33).
 */

import type { JSONSchema } from '@tanstack/ai'

import { isRecord } from '../reading.js'
import type { Schema } from './schemas.js'
import { isObjectSchema, mapped, pathOf, referenceTo, targetOf } from './schemas.js'

/** The one property of an object that holds what is no object. */
const HOLDER = 'value'
const DEFINITIONS = ['$defs', 'definitions'] as const
const VARIANTS = ['anyOf', 'oneOf', 'allOf'] as const

/** A schema of an object, and whether the caller's schema is that of its one property. */
export interface RootObject {
  readonly schema: JSONSchema
  readonly isWrapped: boolean
}

/**
 * Return a schema that is of an object: the same, its target where it is only a reference, or one of an object whose
 * only property is what was asked for. Definitions stay at the root.
 */
export function withRootObject(schema: JSONSchema): RootObject {
  const followed = withoutRootReference(schema)
  if (isObjectSchema(followed) && !VARIANTS.some((keyword) => keyword in followed)) {
    return { schema: followed.type === 'object' ? followed : { ...followed, type: 'object' }, isWrapped: false }
  }
  const definitions = DEFINITIONS.filter((keyword) => keyword in schema)
  const inner = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !definitions.includes(keyword as '$defs')),
  )
  const wrapped: JSONSchema = {
    type: 'object',
    properties: { [HOLDER]: withMovedReferences(inner) as JSONSchema },
    required: [HOLDER],
    additionalProperties: false,
  }
  for (const keyword of definitions) {
    const named: Record<string, JSONSchema> = schema[keyword] ?? {}
    wrapped[keyword] = Object.fromEntries(
      Object.entries(named).map(([name, one]) => [name, withMovedReferences(one) as JSONSchema]),
    )
  }
  return { schema: wrapped, isWrapped: true }
}

/** Return what the only property of an answer holds, or the answer where it is no such object. */
export function unwrapped(value: unknown): unknown {
  return isRecord(value) && Object.keys(value).length === 1 && Object.hasOwn(value, HOLDER) ? value[HOLDER] : value
}

/** Return a root that is only a reference as its target beside the definitions; references are known to end. */
function withoutRootReference(root: JSONSchema): JSONSchema {
  let schema = root
  while (typeof schema.$ref === 'string') {
    const { $ref, ...beside } = schema
    const target = targetOf(root, $ref)
    if (typeof target === 'boolean') return schema
    schema = { ...target, ...beside }
  }
  return schema
}

/** Return a schema whose references to anything but definitions lead to where that stands now. */
function withMovedReferences(schema: Schema): Schema {
  if (typeof schema === 'boolean') return schema
  const moved = mapped(schema, withMovedReferences)
  const way = typeof moved.$ref === 'string' ? pathOf(moved.$ref) : undefined
  const isDefined = way?.[0] !== undefined && (DEFINITIONS as ReadonlyArray<string>).includes(way[0])
  return way === undefined || isDefined ? moved : { ...moved, $ref: referenceTo(['properties', HOLDER, ...way]) }
}
