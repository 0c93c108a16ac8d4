/** Short names of tensors, as people say them. */

const STEMS: ReadonlyMap<string, string> = new Map([
  ["token_embd", "embedding"],
  ["attn_q", "Q"],
  ["attn_k", "K"],
  ["attn_v", "V"],
  ["attn_output", "O"],
  ["ffn_gate", "gate"],
  ["ffn_up", "up"],
  ["ffn_down", "down"],
  ["output", "output"],
  ["output_norm", "norm"],
  ["attn_norm", "norm"],
  ["ffn_norm", "norm"],
  ["attn_q_norm", "Q norm"],
  ["attn_k_norm", "K norm"],
  ["post_attention_norm", "norm"],
  ["post_ffw_norm", "norm"],
]);

/** `attn_q` of `blk.3.attn_q.weight`. */
export function stemOf(name: string): string {
  return name.replace(/^blk\.\d+\./, "").replace(/\.(weight|bias)$/, "");
}

/** `Q` of `blk.3.attn_q.weight`. */
export function shortName(name: string): string {
  const stem = stemOf(name);
  return (STEMS.get(stem) ?? stem) + (name.endsWith(".bias") ? " bias" : "");
}

/** A tensor's labels, longest first, of which the first that fits is shown. */
export function labelsOf(name: string, layer: number | null): string[] {
  const labels = [name, stemOf(name), shortName(name)];
  if (layer !== null) labels.splice(1, 0, `${layer} · ${stemOf(name)}`);
  return [...new Set(labels)];
}
