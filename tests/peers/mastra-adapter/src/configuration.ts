/**
 * How a provider is reached (§2), by the adapter's configuration and the `modelOptions` of one call.
 */

import type { TextOptions } from '@tanstack/ai'

/**
 * §2's options; `timeout` in milliseconds is how long the model may be silent while it is waited for, `maxRetries` counts
 * further attempts.
 */
export interface MastraTextProviderOptions {
  apiKey?: string
  url?: string
  headers?: Record<string, string>
  timeout?: number
  maxRetries?: number
}

/** TanStack's options, with what §2 and the provider's own API know beside them. */
export type ChatOptions = TextOptions<Record<string, unknown>> & { toolChoice?: unknown }

const NAMES: ReadonlyArray<string> = ['apiKey', 'url', 'headers', 'timeout', 'maxRetries']
const SHORTEST_SECRET = 8
const HOLDING_SECRETS = /key|auth|token|secret|cookie/i

/** Return the configuration of one call: what its `modelOptions` say beats the adapter's, headers stand beside. */
export function configuredBy(config: MastraTextProviderOptions, options: ChatOptions): MastraTextProviderOptions {
  const said = Object.entries(options.modelOptions ?? {}).filter(([name, value]) => NAMES.includes(name) && value != null)
  const own = Object.fromEntries(said) as MastraTextProviderOptions
  return { ...config, ...own, ...((config.headers || own.headers) && { headers: { ...config.headers, ...own.headers } }) }
}

/** Return the members of `modelOptions` that are the provider's and not ours (ledger A5). */
export function providersOwn(options: ChatOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options.modelOptions ?? {}).filter(([name]) => !NAMES.includes(name)))
}

/** Return the texts of a configuration that no message may show (G4). */
export function secretsOf(config: MastraTextProviderOptions): Array<string> {
  const headers = Object.entries(config.headers ?? {}).filter(([name, value]) => isSecret(name, value))
  // Of "Basic dXNlcjpwYXNz" the second word is told as often as both.
  const values = [config.apiKey, ...headers.flatMap(([, value]) => [value, value.split(/\s+/).at(-1)])]
  return values.filter((value): value is string => typeof value === 'string' && value !== '')
}

/** A short value is a secret only where its header's name says so: "en" and "1" stand in many a message. */
function isSecret(name: string, value: unknown): value is string {
  return typeof value === 'string' && (value.length >= SHORTEST_SECRET || HOLDING_SECRETS.test(name))
}
