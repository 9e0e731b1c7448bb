/** The matcher by itself, for a runner whose `expect.extend` is jest's. */

/** What the chunks are held to. */
export interface ConformOptions {
  /** What played the model: its stream parts, or the body of a provider's answer. Without it fewer rules apply. */
  source?: readonly any[] | string | Uint8Array
  /** The provider API of a body, such as `anthropic-messages`, where it cannot be told by the body. */
  wire?: string
  /** Whose law it is; `spec` unless it says otherwise. */
  profile?: 'spec' | 'tanstack'
  /** One response (the default), the loop of an engine, or the bytes of a stream. */
  scope?: 'adapter' | 'chat' | 'wire'
  /** Whether a broken SHOULD breaks the protocol too. */
  strict?: boolean
  /** How `streamchunk` is started: words separated by spaces, or a list; else the environment variable STREAMCHUNK. */
  command?: string | readonly string[]
}

/** What a matcher gives back. */
export interface Conformance {
  pass: boolean
  message: () => string
}

/** Asks `streamchunk judge` for its verdict; throws where there is none. */
export function toConform<T>(
  chunks: T,
  options?: ConformOptions,
): T extends AsyncIterable<any> ? Promise<Conformance> : Conformance
