/** Characters that show nothing: zero-width, bidi controls, tags, variation selectors, soft hyphens, fillers, controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}]|(?![\t\n\r])\p{Control}/gu
const NUMERIC_ENTITY = /&#(?:x(?<hex>[0-9a-f]{1,7})|(?<decimal>[0-9]{1,8}));?/gi
const NAMED_ENTITY =
  /&(?:ZeroWidthSpace|NegativeVeryThinSpace|NegativeThinSpace|NegativeMediumSpace|NegativeThickSpace|shy|lrm|rlm|zwn?j|NoBreak|ApplyFunction|af|InvisibleTimes|it|InvisibleComma|ic);/g
const LARGEST_CODE_POINT = 0x10ffff

function isInvisible(codePoint: number): boolean {
  if (codePoint > LARGEST_CODE_POINT) return false
  return String.fromCodePoint(codePoint).search(INVISIBLE) === 0
}

/** The text without invisible characters, written out or as character references; line ends become `\n`. */
export function stripInvisible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(INVISIBLE, '')
    .replaceAll(NAMED_ENTITY, '')
    .replaceAll(NUMERIC_ENTITY, (reference, hex: string | undefined, decimal: string | undefined) => {
      const codePoint = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16)
      return isInvisible(codePoint) ? '' : reference
    })
}
