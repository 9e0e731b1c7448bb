/**
 * Looking at values whose shape nobody promised.
 */

/** Tell whether a value is an object with members, and neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Return a text that is not empty, undefined for anything else: an empty id or name is none (R2). */
export function filled(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
