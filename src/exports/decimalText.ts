/** An integer of so many decimal places as plain decimal text, without trailing zeros: decimalText(1_500n, 3) = "1.5". */
export const decimalText = (value: bigint, places: number): string => {
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude.toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};

/** Nano-USD as dollars, to the nano-dollar. */
export const usdText = (amount: bigint): string => decimalText(amount, 9);
