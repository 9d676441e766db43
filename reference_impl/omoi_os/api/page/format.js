// Numbers as people read them.

const MONEY = new Intl.NumberFormat("en-US", {
  style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 6,
});
const COUNT = new Intl.NumberFormat("en-US");
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** US dollars to the millionth: single calls cost fractions of a cent. */
export const money = (amount) => MONEY.format(amount);

/** A whole number with its thousands apart. */
export const count = (number) => COUNT.format(number);

/** A count with its noun, in the plural where it needs one. */
export const many = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A share of something in percent, whole unless it is small. */
export const percent = (share) => `${share < 10 ? Math.round(share * 10) / 10 : Math.round(share)}\u00a0%`;

/** The time of day of a moment. */
export const clock = (moment) => CLOCK.format(new Date(moment));
