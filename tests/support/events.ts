/** Events that lack what the vendor's description requires, as an old or faulty one may. */

import type { FingerprintEventV3, IdentificationV3, ProductsV3 } from "../../mod.ts";

/** A v3 event whose products and identification have these fields alone. */
export function partialV3(identification: Partial<IdentificationV3>, products: ProductsV3 = {}): FingerprintEventV3 {
  return { products: { ...products, identification: { data: identification as IdentificationV3 } } };
}
