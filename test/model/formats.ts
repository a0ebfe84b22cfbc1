import { anthropicMessages } from './anthropic.ts'
import { googleGenerateContent } from './google.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import type { WireFormat } from './script.ts'

/** Every wire format the scripted model speaks: to add one, add a file and a line. */
export const FORMATS: readonly WireFormat[] = [anthropicMessages, openaiChat, openaiResponses, googleGenerateContent]
