/**
 * Schemas on their way to a provider (§14.3, §14.8, R34).
 */

import type { JSONSchema } from '@tanstack/ai'

import { type Family, familyOf } from './capabilities.js'
import { geminiSchema } from './geminiSchema.js'
import { openAISchema } from './openaiSchema.js'

const TRANSFORMS: Partial<Record<Family, (schema: JSONSchema) => JSONSchema>> = {
  openai: openAISchema,
  google: geminiSchema,
}

/**
 * Return the schema in the form that a provider takes: `openai`, `google`, `gemini`, or a router's id that leads to one
 * of their models; every other provider is sent the schema as it is.
 *
 * Raises SchemaError, with the path, for what the provider does not take.
 */
export function transformSchemaForProvider(schema: JSONSchema, provider: string): JSONSchema {
  return transformedFor(familyOf(provider), schema)
}

/** Return the schema in the form that a family of models takes. */
export function transformedFor(family: Family | undefined, schema: JSONSchema): JSONSchema {
  const transform = family === undefined ? undefined : TRANSFORMS[family]
  return transform === undefined ? schema : transform(schema)
}
