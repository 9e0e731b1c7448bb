/**
 * Structured output, its parser, and the schemas that it sends (§7, §14).
 */

export { capabilityOf, familyOf } from './capabilities.js'
export { AnswerError, CallError, EndingError, SchemaError, StructuredOutputError } from './errors.js'
export { parseJsonWithFallbacks } from './parsing.js'
export { structuredOutput } from './structuredOutput.js'
export { transformSchemaForProvider } from './transform.js'
