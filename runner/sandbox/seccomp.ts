/**
 * The filter of system calls, as the kernel and bubblewrap (`--seccomp`) take it: a program of the old Berkeley packet filter,
 * run at each call. An instruction has eight bytes: what to do (16 bits), how many instructions to skip if a comparison holds and
 * if not (8 bits each), and a number (32 bits). What it reads is `struct seccomp_data`: the call's number at 0, the architecture
 * at 4, the arguments of 64 bits each from 16 on. See seccomp(2) and bpf(4); both architectures here are little-endian.
 */
import process from 'node:process'
import { type Argument, ENOSYS, NUMBERS, RULES, type When } from './system-calls.ts'

const LOAD = 0x20
const IF_EQUAL = 0x15
const IF_ABOVE = 0x25
const IF_AT_LEAST = 0x35
const IF_ANY_BIT = 0x45
const RETURN = 0x06

const ALLOW = 0x7fff_0000
const ERROR = 0x0005_0000

const NUMBER_AT = 0
const ARCHITECTURE_AT = 4
/** Where the lower half of an argument lies; the upper half is 4 bytes on. */
const argumentAt = (argument: Argument): number => 16 + 8 * argument

/** The architectures with a filter, by Node's names, and the kernel's for them (`AUDIT_ARCH_…`). */
const ARCHITECTURES = {
  x64: { audit: 0xc000_003e, column: 0 },
  arm64: { audit: 0xc000_00b7, column: 1 },
} as const
/** Calls of the x32 ABI are of the same architecture, with this bit in their number. */
const X32_BIT = 0x4000_0000

interface Instruction {
  readonly code: number
  readonly ifSo: number
  readonly ifNot: number
  readonly number: number
}

const step = (code: number, number: number, ifSo = 0, ifNot = 0): Instruction => ({ code, ifSo, ifNot, number })
const load = (offset: number): Instruction => step(LOAD, offset)
const fail = (answer: number): Instruction => step(RETURN, ERROR + answer)
/** Does the part if the comparison holds, and else goes on behind it. */
const where = (code: number, number: number, part: readonly Instruction[]): Instruction[] => [
  step(code, number, 0, part.length),
  ...part,
]
/** Does the part unless the comparison holds. */
const unless = (code: number, number: number, part: readonly Instruction[]): Instruction[] => [
  step(code, number, part.length, 0),
  ...part,
]

/** The filter for an architecture by Node's name for it; null where there is none, and calls are not filtered. */
export function systemCallFilter(architecture: string = process.arch): Buffer | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null
  const { audit, column } = ARCHITECTURES[architecture]
  const program = [
    load(ARCHITECTURE_AT),
    // Programs for another one (32 bits) have other numbers for the same calls, and would pass.
    ...unless(IF_EQUAL, audit, [fail(ENOSYS)]),
    load(NUMBER_AT),
    ...where(IF_AT_LEAST, X32_BIT, [fail(ENOSYS)]),
    ...RULES.flatMap(({ call, when, answer }) => {
      const number = NUMBERS[call][column]
      return number === null ? [] : where(IF_EQUAL, number, refusal(when, answer))
    }),
    step(RETURN, ALLOW),
  ]
  return Buffer.concat(program.map(bytesOf))
}

/** Answers with the error, or leaves the call's number loaded for the rules that follow. */
function refusal(when: When, answer: number): Instruction[] {
  if (when === 'always') return [fail(answer)]
  return [load(argumentAt(when.argument)), ...judged(when, answer), load(NUMBER_AT)]
}

function judged(when: Exclude<When, 'always'>, answer: number): Instruction[] {
  if ('is' in when) return where(IF_EQUAL, when.is, refusal(when.and, answer))
  if ('anyBit' in when) return where(IF_ANY_BIT, when.anyBit, [fail(answer)])
  if ('oneOf' in when) return when.oneOf.flatMap((value) => where(IF_EQUAL, value, [fail(answer)]))
  // The only one that is compared as a whole: a size that is a multiple of 4 GiB has no lower half.
  if ('above' in when) {
    return [
      ...where(IF_ABOVE, when.above, [fail(answer)]),
      load(argumentAt(when.argument) + 4),
      ...where(IF_ABOVE, 0, [fail(answer)]),
    ]
  }
  // One that is among them skips the comparisons that are left, and the error.
  const { noneOf } = when
  return [...noneOf.map((value, at) => step(IF_EQUAL, value, noneOf.length - at, 0)), fail(answer)]
}

function bytesOf({ code, ifSo, ifNot, number }: Instruction): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt8(ifSo, 2)
  bytes.writeUInt8(ifNot, 3)
  bytes.writeUInt32LE(number, 4)
  return bytes
}
