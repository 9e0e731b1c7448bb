/**
 * Nulls that stand for "absent" (§14.3, R35).
 */

import type { JSONSchema } from '@tanstack/ai'

import { isRecord } from '../reading.js'
import type { Schema } from './schemas.js'
import { requiredOf, targetOf } from './schemas.js'
import type { Validator } from './validation.js'

/**
 * Return an answer without the nulls of properties that the original schema makes optional and that take none there.
 *
 * OpenAI's strict mode has models say null for them, and §14.5's instruction asks for it. §14.3 removes every null,
 * also those that are meant, and leaves holes in arrays (ledger H8); we read R35.
 */
export function withoutFilledNulls(value: unknown, validator: Validator): unknown {
  return cleaned(value, validator.root, validator)
}

function cleaned(value: unknown, schema: Schema | undefined, validator: Validator): unknown {
  if (typeof schema !== 'object' || typeof value !== 'object' || value === null) return value
  const direct = Array.isArray(value)
    ? cleanedItems(value, schema, validator)
    : cleanedMembers(value, schema, validator)
  return sameValue(schema, validator).reduce(
    (seen, one) => cleaned(seen, one, validator),
    chosen(direct, schema, validator),
  )
}

function cleanedItems(values: ReadonlyArray<unknown>, schema: JSONSchema, validator: Validator): Array<unknown> {
  const [first, rest] = Array.isArray(schema.items)
    ? [schema.items, schema.additionalItems]
    : [schema.prefixItems as Array<Schema> | undefined, schema.items]
  return values.map((value, index) => cleaned(value, first?.[index] ?? (rest as Schema | undefined), validator))
}

function cleanedMembers(value: object, schema: JSONSchema, validator: Validator): Record<string, unknown> {
  const required = requiredOf(schema)
  const members = Object.entries(value).flatMap(([name, member]): Array<[string, unknown]> => {
    const property = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined
    const rest = isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined
    const isFilled = member === null && property !== undefined && !required.has(name) && !validator.fits(null, property)
    return isFilled ? [] : [[name, cleaned(member, property ?? rest, validator)]]
  })
  return Object.fromEntries(members) // keeps a member called __proto__ one
}

/** Return the value as the first variant that it fits has it; as it is where it fits none. */
function chosen(value: unknown, schema: JSONSchema, validator: Validator): unknown {
  const variants = schema.anyOf ?? schema.oneOf ?? []
  const candidates = variants.map((variant) => [cleaned(value, variant, validator), variant] as const)
  const fitting = variants.some((variant) => validator.fits(value, variant))
    ? undefined
    : candidates.find(([candidate, variant]) => validator.fits(candidate, variant))
  return fitting === undefined ? value : fitting[0]
}

/** Return the schemas that speak of the same value in any case. */
function sameValue(schema: JSONSchema, validator: Validator): Array<Schema> {
  const target = typeof schema.$ref === 'string' ? [targetOf(validator.root, schema.$ref)] : []
  return [...target, ...(schema.allOf ?? [])]
}
