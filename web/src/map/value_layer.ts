/**
 * A deck.gl layer that draws one tile of numbers. Numbers stay numbers until the fragment shader, so that another range or
 * colour map costs one frame and no request. Texels are sharp at every magnification: a screen pixel on the border of
 * two mixes their colours by area, all others have one.
 */

import { Layer, project32, type DefaultProps, type LayerProps, type UpdateParameters } from "@deck.gl/core";
import type { Texture } from "@luma.gl/core";
import { Model } from "@luma.gl/engine";
import { TILE } from "../data/types";

/** Marks numbers that are not finite; no float16 or statistic of one reaches it. */
export const NOT_FINITE = 3e38;

interface ValueLayerProps extends LayerProps {
  /** TILE x TILE pairs (number, reference); the reference is 0 where there is no tensor. */
  pairs: Float32Array;
  /** Left, top, right, bottom on the plane. */
  bounds: readonly [number, number, number, number];
  palette: Texture | null;
  low: number;
  high: number;
  logarithmic: boolean;
}

const BLOCK = `\
layout(std140) uniform valueUniforms {
  float low;
  float high;
  float logarithmic;
} value;
`;

const uniforms = {
  name: "value",
  vs: BLOCK,
  fs: BLOCK,
  uniformTypes: { low: "f32", high: "f32", logarithmic: "f32" },
} as const;

const VERTEX = `\
#version 300 es
#define SHADER_NAME value-layer-vertex
in vec3 positions;
in vec3 positions64Low;
in vec2 texels;
out vec2 vTexel;
void main(void) {
  gl_Position = project_position_to_clipspace(positions, positions64Low, vec3(0.0));
  vTexel = texels;
}
`;

const FRAGMENT = `\
#version 300 es
#define SHADER_NAME value-layer-fragment
precision highp float;
precision highp sampler2D;
uniform sampler2D pairs;
uniform sampler2D palette;
in vec2 vTexel;
out vec4 fragColor;

vec4 colourOf(vec2 at) {
  vec2 pair = texelFetch(pairs, ivec2(clamp(at, 0.0, ${TILE - 1}.0)), 0).rg;
  if (pair.y <= 0.0) return vec4(0.0);
  if (pair.x > 1e38) return vec4(1.0, 0.0, 0.6, 1.0);
  float u = pair.x / pair.y;
  if (value.logarithmic > 0.5) u = log2(max(abs(u), 1e-38));
  float t = clamp((u - value.low) / (value.high - value.low), 0.0, 1.0);
  return vec4(texture(palette, vec2((t * 255.0 + 0.5) / 256.0, 0.5)).rgb, 1.0);
}

void main(void) {
  // The pixel as a box on the tile, at most one texel wide: the mean of the texels that it covers.
  vec2 size = clamp(fwidth(vTexel), 1e-6, 1.0);
  vec2 corner = vTexel - 0.5 * size;
  vec2 base = floor(corner);
  vec2 share = clamp((corner + size - base - 1.0) / size, 0.0, 1.0);
  if (share == vec2(0.0)) {
    fragColor = colourOf(base);
    if (fragColor.a <= 0.0) discard;
    return;
  }
  vec4 top = mix(colourOf(base), colourOf(base + vec2(1.0, 0.0)), share.x);
  vec4 bottom = mix(colourOf(base + vec2(0.0, 1.0)), colourOf(base + 1.0), share.x);
  vec4 mixed = mix(top, bottom, share.y);
  if (mixed.a <= 0.0) discard;
  fragColor = vec4(mixed.rgb / mixed.a, mixed.a);
}
`;

export class ValueLayer extends Layer<ValueLayerProps> {
  static override layerName = "ValueLayer";
  static override defaultProps: DefaultProps<ValueLayerProps> = {
    pairs: { type: "object", value: new Float32Array() },
    bounds: { type: "array", value: [0, 0, 1, 1] },
    palette: { type: "object", value: null, optional: true },
    low: -1,
    high: 1,
    logarithmic: false,
  };
  declare state: { model: Model; texture: Texture | null };

  override getShaders() {
    return super.getShaders({ vs: VERTEX, fs: FRAGMENT, modules: [project32, uniforms] }) as object;
  }

  override initializeState(): void {
    const attributes = this.getAttributeManager();
    attributes?.add({
      positions: {
        size: 3,
        type: "float64",
        fp64: this.use64bitPositions(),
        noAlloc: true,
        update: (attribute) => {
          this.corners(attribute);
        },
      },
      texels: {
        size: 2,
        noAlloc: true,
        update: (attribute) => {
          attribute.value = new Float32Array([0, 0, 0, TILE, TILE, 0, TILE, TILE]);
        },
      },
    });
    const model = new Model(this.context.device, {
      ...(this.getShaders() as { vs: string; fs: string }),
      id: this.props.id,
      bufferLayout: attributes?.getBufferLayouts() ?? [],
      topology: "triangle-strip",
      vertexCount: 4,
    });
    this.setState({ model, texture: null });
  }

  private corners(attribute: { value: unknown }): void {
    const [left, top, right, bottom] = this.props.bounds;
    attribute.value = new Float64Array([left, top, 0, left, bottom, 0, right, top, 0, right, bottom, 0]);
  }

  override updateState(params: UpdateParameters<this>): void {
    super.updateState(params);
    const { props, oldProps } = params;
    if (props.bounds !== oldProps.bounds) this.getAttributeManager()?.invalidateAll();
    if (props.pairs !== oldProps.pairs) {
      this.state.texture?.destroy();
      const texture = this.context.device.createTexture({
        format: "rg32float",
        width: TILE,
        height: TILE,
        sampler: {
          minFilter: "nearest",
          magFilter: "nearest",
          addressModeU: "clamp-to-edge",
          addressModeV: "clamp-to-edge",
        },
      });
      texture.writeData(props.pairs);
      this.setState({ texture });
    }
  }

  override finalizeState(context: this["context"]): void {
    super.finalizeState(context);
    this.state.texture?.destroy();
  }

  override draw(): void {
    const { model, texture } = this.state;
    const { palette, low, high, logarithmic } = this.props;
    if (!texture || !palette) return;
    model.shaderInputs.setProps({ value: { pairs: texture, palette, low, high, logarithmic: logarithmic ? 1 : 0 } });
    model.draw(this.context.renderPass);
  }
}
