/**
 * TanStack's tools → AI SDK V2's (§4, §11.2, R16, R30).
 */

import { convertSchemaToJsonSchema, type JSONSchema, type Tool } from '@tanstack/ai'

import type { FunctionTool } from './languageModel.js'
import { SchemaError, transformSchemaForProvider } from './structured/index.js'
import { ToolNames } from './toolNames.js'

/** Providers whose packages drop references of a tool's schema without a word. */
const WITHOUT_REFERENCES = new Set(['google', 'gemini'])

/** What a tool without a schema takes: nothing; some providers want to be told so. */
const NO_INPUT: JSONSchema = { type: 'object', properties: {} }

/**
 * Return the tools as a model's call options want them, in their order.
 *
 * §11.2 writes `parameters`, which providers drop without a word (ledger A4); we read `inputSchema`. Schemas may be
 * JSON Schema or come from a library with the Standard JSON Schema interface (Zod, ArkType, Valibot). A tool that needs
 * approval is offered like any other: asking is the transformer's part (R27). Names stay, where `names` has none for
 * them toward the provider: whoever renames has to name back (R16). The package of a `provider` may need
 * another form of the schemas.
 */
export function convertToolsToAISDK(
  tools: ReadonlyArray<Tool>,
  names: ToolNames = new ToolNames([]),
  provider = '',
): Array<FunctionTool> {
  return tools.map((tool) => ({
    type: 'function',
    name: names.sent(tool.name),
    ...(tool.description ? { description: tool.description } : {}),
    inputSchema: schemaFor((tool.inputSchema && convertSchemaToJsonSchema(tool.inputSchema)) ?? NO_INPUT, provider),
  }))
}

/** Return the schema that a provider's package can send; one that has no such form stays as it is. */
function schemaFor(schema: JSONSchema, provider: string): JSONSchema {
  if (!WITHOUT_REFERENCES.has(provider)) return schema
  try {
    return transformSchemaForProvider(schema, provider)
  } catch (error) {
    if (error instanceof SchemaError) return schema // a part of it may still arrive
    throw error
  }
}
