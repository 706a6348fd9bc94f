/** An activity of the shop's own. */
export async function publishPrice(product: string, slope: number): Promise<string> {
  return `${product}: each unit of price costs ${(-slope).toFixed(1)} sales`;
}
