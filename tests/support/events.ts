/** Events that lack required fields of the vendor's description, as old or faulty events may. */

import type { FingerprintEventV3, IdentificationV3, ProductsV3 } from "../../src/event/mod.ts";

/** A v3 event whose products and identification have only these fields. */
export function partialV3(identification: Partial<IdentificationV3>, products: ProductsV3 = {}): FingerprintEventV3 {
  return { products: { ...products, identification: { data: identification as IdentificationV3 } } };
}
