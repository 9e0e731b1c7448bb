/**
 * Which failures are tried again, and when (§2 `maxRetries`, R29).
 */

import { AdapterError } from './errors.js'
import { isRecord } from './reading.js'

const FIRST_WAIT = 500
const LONGEST_WAIT = 8_000
const MOST_PATIENCE = 60_000 // all in milliseconds

/** Tell whether the same request may succeed later; the AI SDK marks its errors, network failures among them. */
export function isWorthAnother(error: unknown): boolean {
  if (error instanceof AdapterError) return error.code === 'TIMEOUT'
  return isRecord(error) && error.isRetryable === true
}

/**
 * Return the milliseconds to wait before a retry (from 1), undefined where the provider asks for more than a minute.
 *
 * `Retry-After` is in seconds or a date (RFC 9110 10.2.3); without it the wait grows, with full jitter.
 */
export function waitBefore(retry: number, error: unknown): number | undefined {
  const headers = isRecord(error) && isRecord(error.responseHeaders) ? error.responseHeaders : {}
  const wanted = asked(headers)
  if (wanted !== undefined) return wanted <= MOST_PATIENCE ? wanted : undefined
  return Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (retry - 1))
}

function asked(headers: Record<string, unknown>): number | undefined {
  const exact = amount(headers['retry-after-ms'])
  if (exact !== undefined) return exact
  const wanted = headers['retry-after']
  const seconds = amount(wanted)
  if (seconds !== undefined) return seconds * 1000
  const date = typeof wanted === 'string' ? Date.parse(wanted) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

function amount(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined
}
