/**
 * What a model is told in words of the structure that is wanted (§14.5, §14.6).
 */

import type { JSONSchema } from '@tanstack/ai'

/** Return the system prompt that asks for JSON of a schema. */
export function instructionFor(schema: JSONSchema): string {
  return [
    'You must respond with valid JSON that conforms to the following schema:',
    '',
    '```json',
    JSON.stringify(schema, null, 2),
    '```',
    '',
    'CRITICAL REQUIREMENTS:',
    '1. Respond ONLY with valid JSON - no additional text',
    '2. Do NOT include markdown code blocks (like ```json)',
    '3. Do NOT include explanations or commentary',
    '4. All required fields must be present',
    "5. Use null for optional fields that don't apply",
    '6. Ensure proper JSON syntax (commas, quotes, braces)',
    '',
    'Your response will be parsed as JSON directly.',
  ].join('\n')
}

/** Return the system prompt of a further attempt, which the first one is 1 of. */
export function reminderFor(attempt: number): string {
  return (
    `IMPORTANT: This is attempt ${attempt}, because the last answer could not be used. ` +
    'You MUST respond with valid JSON of the schema only. No markdown, no explanations.'
  )
}
