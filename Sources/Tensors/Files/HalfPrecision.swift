// `Float16` does not exist on every platform Swift compiles for, and bfloat16 on none.

/// The number that 16 bits stand for in IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction.
package func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF) << 13
  // Without its bias corrected the number is 2¹¹² times too small; subnormal halves become normal in the product.
  let scaled = Float(bitPattern: magnitude) * 0x1p112
  let isFinite = bits & 0x7C00 != 0x7C00
  return Float(bitPattern: sign | (isFinite ? scaled.bitPattern : magnitude | 0x7F80_0000))
}

/// The number that 16 bits stand for in bfloat16: the upper half of single precision.
package func float(brain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
