/** The public names of `streamchunk-shim`: what is served, and what its code is given. */

/** A part of a model's stream as the AI SDK has it; JSON that is told apart by `type`. */
export type StreamPart = any

/** The parts of a case, as a stream of the web and as an async iterable, whichever an adapter takes. */
export type PartStream = ReadableStream<StreamPart> & AsyncIterable<StreamPart>

/** A language model of the AI SDK's specification v2 that plays the events of a case, at every call from the start. */
export interface StubModel {
  readonly specificationVersion: 'v2'
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls: Record<string, RegExp[]>
  doStream(options: any): Promise<{ stream: PartStream }>
  /** Gives the same answer in one piece; rejects where the events raise, or hold an `error`. */
  doGenerate(options: any): Promise<any>
}

/** What the harness asks of one run: TanStack's TextOptions in JSON. */
export interface ChatRequest {
  model?: string
  messages?: any[]
  tools?: any[]
  systemPrompts?: any[]
  modelOptions?: Record<string, any>
  outputSchema?: any
  [option: string]: any
}

/** Where the answer of the model comes from; the driver protocol's `source.kind`. */
export type SourceKind = 'events' | 'http' | 'fetch'

/** A provider's answer that the run's own `fetch` plays. */
export interface FetchSource {
  status?: number
  headers?: Record<string, string> | [string, string][]
  /** In base64; each comes in one read. */
  pieces?: string[]
  /** Behind the last piece: the end of the body, a connection that is reset, or silence. */
  ending?: 'close' | 'reset' | 'stall'
}

/** What an adapter is made from, for one run. */
export interface Context {
  /** The operation of the driver protocol, such as `chat`. */
  readonly operation: string
  /** The request of the case. */
  readonly request: ChatRequest
  readonly source: SourceKind | undefined
  /** The request's model as it stands, such as `openai/gpt-4o-mini`. */
  readonly modelId: string
  /** What follows the first slash of it; all of it where there is none. */
  readonly model: string
  /** The played provider, such as `http://127.0.0.1:40001/p1`; an address of nobody where no provider is played. */
  readonly baseUrl: string
  /** The case's key (`modelOptions.apiKey`), else one that only looks like one. */
  readonly apiKey: string
  /** To be sent with every request to the provider. */
  readonly headers: Record<string, string>
  /** The platform's `fetch`; where the harness plays exact pieces, one that yields them without a socket. */
  readonly fetch: typeof fetch
  /** Plays the case's events; undefined where the adapter is to ask a provider. */
  readonly languageModel: StubModel | undefined
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** The controller of `signal`, for adapters that ask for one. */
  readonly abortController: AbortController
  /** Resolves to the person's answer when it has come; there may be none. */
  approve(approvalId: string): Promise<boolean>
}

/** What `createAdapter` makes: TanStack's text adapter, as far as it is asked. */
export interface Adapter {
  /** The model that it was made for; with `profile: 'tanstack'` it is asked for this one, as TanStack's engine does. */
  model?: string
  chatStream(options: any): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>
  structuredOutput?(options: any): unknown
}

export interface ServeOptions {
  /** The implementation's name in every report, such as `@tanstack/ai-openai`. */
  name: string
  version?: string
  homepage?: string
  /** Which law it is written for; `spec` unless it says otherwise. */
  profile?: 'spec' | 'tanstack'
  /** Which chunks it yields; `streamchunk` unless it says otherwise. */
  dialect?: 'streamchunk' | 'ag-ui'
  /** Makes the adapter of one run; may be async. Needs `wires` or `acceptsModel`. */
  createAdapter?: (context: Context) => Adapter | Promise<Adapter>
  /** The provider APIs that the adapter speaks; with one of them it is asked `chat` and `structuredOutput`. */
  wires?: string[]
  /** False where the adapter has no structured output of its own. */
  structuredOutput?: boolean
  /** The adapter asks `languageModel` where there is one: it is asked `transform`. */
  acceptsModel?: boolean
  /** Turns a model's parts into chunks: it is asked `transform`. */
  transform?: (
    parts: PartStream,
    request: ChatRequest,
    context: Context,
  ) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>
  convertMessages?: (messages: any[]) => unknown
  convertTools?: (tools: any[]) => unknown
  parseJson?: (text: string, schema: any) => unknown
  transformSchema?: (schema: any, provider: string) => unknown
  /** False where it cannot be told that its client went away. */
  abort?: boolean
  /** True where it asks `context.approve` for tools that need an approval. */
  approvals?: boolean
  /** True where all its requests go through `context.fetch` (or through the global one, after `installFetch`). */
  fetchShim?: boolean
  /** Beginnings of URLs that `context.fetch` sends to `baseUrl` instead, for adapters without a base URL option. */
  redirect?: string[]
  /** How many runs may overlap: 8, unless it says otherwise; 1 where a run changes the process, as its environment. */
  maxConcurrentRuns?: number
  /** A port of 127.0.0.1 to answer on in place of standard input and output; 0 takes a free one. */
  listen?: number
}

/**
 * Makes this process a target of the harness, until the harness lets it go; throws TypeError where the options make no
 * implementation.
 */
export function serve(options: ServeOptions): void

/**
 * Makes the global `fetch` that of the run which calls it, however many runs overlap; outside of runs it stays what it
 * was. Call it before a package is loaded that keeps the `fetch` it finds. Returns what undoes it.
 */
export function installFetch(): () => void
