/**
 * Why there is no structured output: told with what was tried, and with little of what the model said (R32, R37).
 */

const LONGEST_PREVIEW = 200

/** Every failure of structured output is one of these; `code` is the provider's or the ending's, where there is one. */
export class StructuredOutputError extends Error {
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** The schema cannot be sent, and nothing was asked, or it cannot be held against an answer. */
export class SchemaError extends StructuredOutputError {}

/** The model's answer came whole and holds nothing that is asked for: only this is asked for again (R37). */
export class AnswerError extends StructuredOutputError {}

/** The answer came to no good end: cut, filtered, or broken off by an error (ledger H10). */
export class EndingError extends StructuredOutputError {}

/** The provider was not reached, or refused; `status` is the HTTP status of a refusal. */
export class CallError extends StructuredOutputError {
  constructor(
    message: string,
    code: string | undefined,
    readonly status: number | undefined,
  ) {
    super(message, code)
  }
}

/** Return the beginning of a text for a message, of at most 200 characters. */
export function preview(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return 'The text is empty'
  // Cut between characters: half a surrogate pair cannot be written as UTF-8.
  const shown = trimmed.slice(0, LONGEST_PREVIEW).replace(/[\uD800-\uDBFF]$/, '')
  return `The text begins: ${shown}${trimmed.length > shown.length ? '…' : ''}`
}
