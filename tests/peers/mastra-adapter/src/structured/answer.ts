/**
 * What a model answered: its words, and the input of the tool that it was made to call (ledger H1, H2, H10).
 */

import { describeFailure } from '../errors.js'
import { mapFinishReason } from '../finish.js'
import type { StreamPart } from '../languageModel.js'
import { EndingError, preview } from './errors.js'

/** A whole answer that came to a good end. */
export interface Answer {
  readonly text: string
  /** The inputs of the calls of one tool, as JSON texts, in order. */
  readonly inputs: ReadonlyArray<string>
}

/**
 * Read an answer to its end; `tool` is the one whose calls count.
 *
 * §14.5 looks neither at errors nor at how an answer ended, and calls all that "failed to parse". Raises EndingError
 * for an answer that was cut, filtered, or failed, also where its text is JSON so far (R36), and what the parts raise.
 */
export async function wholeAnswer(parts: AsyncIterable<StreamPart>, tool: string): Promise<Answer> {
  let text = ''
  const inputs: Array<string> = []
  for await (const part of parts) {
    if (part.type === 'text-delta' && typeof part.delta === 'string') text += part.delta
    else if (part.type === 'tool-call' && part.toolName === tool) inputs.push(inputText(part.input))
    else if (part.type === 'error') throw failed(part.error)
    else if (part.type === 'finish') return ended(part.finishReason, { text, inputs })
  }
  throw new EndingError('The answer broke off: the model never told its end', 'STREAM_TRUNCATED')
}

function inputText(input: unknown): string {
  return typeof input === 'string' ? input : (JSON.stringify(input) ?? '')
}

function failed(error: unknown): EndingError {
  const { message, code } = describeFailure(error)
  return new EndingError(`The model failed: ${message}`, code)
}

function ended(reason: unknown, answer: Answer): Answer {
  const shown = answer.text.trim() === '' ? '' : `. ${preview(answer.text)}`
  switch (mapFinishReason(reason)) {
    case 'length':
      throw new EndingError(`The answer was cut at its limit of tokens (finish reason length)${shown}`, 'length')
    case 'content_filter':
      throw new EndingError(
        `The answer was filtered or refused (finish reason content_filter)${shown}`,
        'content_filter',
      )
    case 'failed':
      throw new EndingError(`The model ended its answer with an error and did not say which${shown}`, 'error')
    default:
      return answer
  }
}
