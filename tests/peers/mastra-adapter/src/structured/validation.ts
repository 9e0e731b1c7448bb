/**
 * Values held against a schema (§14.6, R36).
 */

import type { JSONSchema } from '@tanstack/ai'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'

import { SchemaError } from './errors.js'
import type { Schema } from './schemas.js'
import { checkReferences, everySchema, referenceTo } from './schemas.js'
import { withinTime } from './withinTime.js'

const OLD_DRAFT = /draft-0[3-7]/
const ROOT = 'answer:'
const LONGEST = 1_000 // milliseconds for all patterns of a schema
const OPTIONS = {
  strict: false, // a model's schema may hold keywords that validators do not know
  validateSchema: false,
  validateFormats: false, // JSON Schema's default: a format describes
  code: { regExp: Object.assign(pattern, { code: 'new RegExp' }) },
  logger: false,
} as const

/** Return a pattern as JSON Schema reads it, a Unicode one; one that is none, as JavaScript reads it (`[\w-.]`). */
function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch {
    return new RegExp(text)
  }
}

/**
 * One schema, compiled; it answers what fits it and what fits a part of it.
 *
 * A pattern may take longer than anybody waits (`^(a+)+$`), and JavaScript cannot be told to stop: a schema with
 * patterns is held against a value for a second, and raises SchemaError then, as no other answer would help.
 */
export class Validator {
  readonly root: JSONSchema
  readonly #hasPatterns: boolean
  readonly #ajv: Ajv | Ajv2020
  /** Where each part stands; what stands at several places is the same at each. */
  readonly #places: ReadonlyMap<Schema, string>

  /** Raises SchemaError for a schema that cannot be followed or compiled. */
  constructor(root: JSONSchema) {
    checkReferences(root)
    const { $schema, $id: _, ...unnamed } = root
    this.root = unnamed
    this.#places = new Map(everySchema(unnamed).map(([path, schema]) => [schema, referenceTo(path)]))
    this.#hasPatterns = [...this.#places.keys()].some(isWithPattern)
    const isOld = typeof $schema === 'string' && OLD_DRAFT.test($schema)
    this.#ajv = isOld || hasTuples(unnamed) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS)
    this.#ajv.removeKeyword('id') // draft 4's name of a schema, over which ajv would stumble
    try {
      this.#ajv.addSchema(unnamed, ROOT)
      this.#ajv.getSchema(ROOT)
    } catch (error) {
      throw new SchemaError(`The schema cannot be used: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Tell whether a value fits the schema, or the part of it that is given. */
  fits(value: unknown, part: Schema = this.root): boolean {
    if (typeof part === 'boolean') return part
    return this.#check(value, part) === undefined
  }

  /** Return what of a value does not fit, in one line; the first fault only. */
  faultOf(value: unknown): string | undefined {
    return this.#check(value, this.root)
  }

  #isFitting(validate: () => boolean): boolean {
    if (!this.#hasPatterns) return validate()
    const fitting = withinTime(validate, LONGEST)
    if (fitting === undefined) throw new SchemaError("The schema's patterns take too long to be held against the answer")
    return fitting.value
  }

  #check(value: unknown, part: JSONSchema): string | undefined {
    const validate = this.#ajv.getSchema(`${ROOT}${this.#places.get(part) ?? '#'}`)
    // A part below an $id of its own may have no place that can be asked for: nothing is held against the value then.
    if (validate === undefined || this.#isFitting(() => validate(value) === true)) return undefined
    const [first] = validate.errors ?? []
    return `${first?.instancePath || 'it'} ${first?.message ?? 'does not fit'}`
  }
}

function isWithPattern(schema: Schema): boolean {
  return typeof schema === 'object' && ('pattern' in schema || 'patternProperties' in schema)
}

/** Tell whether a schema has a list of `items`, which drafts since 2020 call `prefixItems`. */
function hasTuples(root: JSONSchema): boolean {
  return everySchema(root).some(([, schema]) => Array.isArray(schema.items))
}
