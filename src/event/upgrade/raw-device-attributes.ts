/**
 * Converts the raw attributes of a v3 event to v4.
 *
 * The description of v3 does not specify their names and types; the names here are those that the v3 agent sends. An
 * attribute that v4 does not have, or that has another type there, is left out.
 *
 * @module
 */

import type { MimeTypeV4, PluginV4, RawDeviceAttributesV4 } from "../types/v4-raw-device-attributes.ts";
import { flag, number, read, readPath, text } from "../fields.ts";
import { defined, group, listOf } from "./fields.ts";

/**
 * Converts the attributes.
 *
 * @param sources Objects with v3 attributes. Each attribute is read from the first object that has a value for it.
 */
export function upgradeRawDeviceAttributes(...sources: readonly unknown[]): RawDeviceAttributesV4 | undefined {
  const value = (name: string) => sources.map((source) => readPath(source, name, "value")).find((v) => v !== undefined);
  const texts = (list: unknown) => listOf(list, text);
  const [fonts, emoji, canvas] = [value("fontPreferences"), value("emoji"), value("canvas")];
  const [basics, extensions, touch] = [value("webGlBasics"), value("webGlExtensions"), value("touchSupport")];
  return group({
    font_preferences: group({
      default: number(read(fonts, "default")),
      serif: number(read(fonts, "serif")),
      sans: number(read(fonts, "sans")),
      mono: number(read(fonts, "mono")),
      apple: number(read(fonts, "apple")),
      min: number(read(fonts, "min")),
      system: number(read(fonts, "system")),
    }),
    emoji: group({
      font: text(read(emoji, "font")),
      width: number(read(emoji, "width")),
      height: number(read(emoji, "height")),
      top: number(read(emoji, "top")),
      bottom: number(read(emoji, "bottom")),
      left: number(read(emoji, "left")),
      right: number(read(emoji, "right")),
      x: number(read(emoji, "x")),
      y: number(read(emoji, "y")),
    }),
    fonts: texts(value("fonts")),
    device_memory: number(value("deviceMemory")),
    timezone: text(value("timezone")),
    canvas: group({
      winding: flag(read(canvas, "Winding")),
      geometry: text(read(canvas, "Geometry")),
      text: text(read(canvas, "Text")),
    }),
    languages: listOf(value("languages"), texts),
    webgl_extensions: group({
      context_attributes: text(read(extensions, "contextAttributes")),
      parameters: text(read(extensions, "parameters")),
      shader_precisions: text(read(extensions, "shaderPrecisions")),
      extensions: text(read(extensions, "extensions")),
      extension_parameters: text(read(extensions, "extensionParameters")),
      unsupported_extensions: texts(read(extensions, "unsupportedExtensions")),
    }),
    webgl_basics: group({
      version: text(read(basics, "version")),
      vendor: text(read(basics, "vendor")),
      vendor_unmasked: text(read(basics, "vendorUnmasked")),
      renderer: text(read(basics, "renderer")),
      renderer_unmasked: text(read(basics, "rendererUnmasked")),
      shading_language_version: text(read(basics, "shadingLanguageVersion")),
    }),
    screen_resolution: listOf(value("screenResolution"), number),
    touch_support: group({
      touch_event: flag(read(touch, "touchEvent")),
      touch_start: flag(read(touch, "touchStart")),
      max_touch_points: number(read(touch, "maxTouchPoints")),
    }),
    oscpu: text(value("osCpu")),
    architecture: number(value("architecture")),
    cookies_enabled: flag(value("cookiesEnabled")),
    hardware_concurrency: number(value("hardwareConcurrency")),
    date_time_locale: text(value("dateTimeLocale")),
    vendor: text(value("vendor")),
    color_depth: number(value("colorDepth")),
    platform: text(value("platform")),
    session_storage: flag(value("sessionStorage")),
    local_storage: flag(value("localStorage")),
    audio: number(value("audio")),
    plugins: listOf(value("plugins"), upgradePlugin),
    indexed_db: flag(value("indexedDB")),
    math: text(value("math")),
  });
}

function upgradePlugin(plugin: unknown): PluginV4 | undefined {
  const name = text(read(plugin, "name"));
  if (name === undefined) return undefined;
  return defined({
    name,
    description: text(read(plugin, "description")),
    mimeTypes: listOf(read(plugin, "mimeTypes"), upgradeMimeType),
  });
}

function upgradeMimeType(type: unknown): MimeTypeV4 {
  return defined({
    type: text(read(type, "type")),
    suffixes: text(read(type, "suffixes")),
    description: text(read(type, "description")),
  });
}
