// What §12.2 writes beside its transformer, and §13.5 uses too. Nothing is mended here.

/**
 * Map a usage to TanStack's three counts (§12.2, `mapUsage`).
 *
 * Ledger F1: AI SDK V2 says `inputTokens` and `outputTokens`, which are not among these names. F2: V3 nests them.
 *
 * @param {unknown} mastraUsage
 */
export function mapUsage(mastraUsage) {
  if (typeof mastraUsage === 'object' && mastraUsage !== null) {
    const usage = /** @type {Record<string, unknown>} */ (mastraUsage)

    const promptTokens =
      typeof usage.promptTokens === 'number'
        ? usage.promptTokens
        : typeof usage.input_tokens === 'number'
          ? usage.input_tokens
          : typeof usage.prompt_tokens === 'number'
            ? usage.prompt_tokens
            : 0

    const completionTokens =
      typeof usage.completionTokens === 'number'
        ? usage.completionTokens
        : typeof usage.output_tokens === 'number'
          ? usage.output_tokens
          : typeof usage.completion_tokens === 'number'
            ? usage.completion_tokens
            : 0

    const totalTokens =
      typeof usage.totalTokens === 'number'
        ? usage.totalTokens
        : typeof usage.total_tokens === 'number'
          ? usage.total_tokens
          : promptTokens + completionTokens

    return { promptTokens, completionTokens, totalTokens }
  }

  return { promptTokens: 0, completionTokens: 0, totalTokens: 0 }
}

/**
 * Map a finish reason to TanStack's (§12.2, `mapFinishReason`).
 *
 * Ledger F7: AI SDK writes `content-filter` with a hyphen, and V3 an object; both become `stop`, as does `error`.
 *
 * @param {unknown} reason
 */
export function mapFinishReason(reason) {
  if (typeof reason === 'string') {
    const normalized = reason.toLowerCase()
    if (normalized === 'stop' || normalized === 'end_turn') return 'stop'
    if (normalized === 'length' || normalized === 'max_tokens') return 'length'
    if (normalized === 'content_filter' || normalized === 'safety') return 'content_filter'
    if (normalized === 'tool_calls' || normalized === 'tool-calls') return 'tool_calls'
  }
  return 'stop'
}

/** Make an id (§12.2, `generateId`); ledger D1: the callers ask for a new one for every chunk. */
export function generateId() {
  return `mastra-${Date.now()}-${Math.random().toString(36).substring(7)}`
}
