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
import { defined, group, listOf, of, renamed } from "./fields.ts";

/**
 * Converts the attributes.
 *
 * @param sources Objects with v3 attributes. Each attribute is read from the first object that has a value for it.
 */
export function upgradeRawDeviceAttributes(...sources: readonly unknown[]): RawDeviceAttributesV4 | undefined {
  const value = (name: string) => sources.map((source) => readPath(source, name, "value")).find((v) => v !== undefined);
  const [fonts, emoji, canvas] = [value("fontPreferences"), value("emoji"), value("canvas")];
  const [basics, extensions, touch] = [value("webGlBasics"), value("webGlExtensions"), value("touchSupport")];
  const texts = (list: unknown) => listOf(list, text);
  return group({
    font_preferences: group(renamed(of(fonts), number, "default", "serif", "sans", "mono", "apple", "min", "system")),
    emoji: group({
      font: text(read(emoji, "font")),
      ...renamed(of(emoji), number, "width", "height", "top", "bottom", "left", "right", "x", "y"),
    }),
    canvas: group({
      winding: flag(read(canvas, "Winding")),
      geometry: text(read(canvas, "Geometry")),
      text: text(read(canvas, "Text")),
    }),
    languages: listOf(value("languages"), texts),
    webgl_extensions: group({
      ...renamed(of(extensions), text, "context_attributes", "parameters", "shader_precisions", "extensions"),
      extension_parameters: text(read(extensions, "extensionParameters")),
      unsupported_extensions: texts(read(extensions, "unsupportedExtensions")),
    }),
    webgl_basics: group({
      ...renamed(of(basics), text, "version", "vendor", "vendor_unmasked", "renderer", "renderer_unmasked"),
      shading_language_version: text(read(basics, "shadingLanguageVersion")),
    }),
    screen_resolution: listOf(value("screenResolution"), number),
    touch_support: group({
      ...renamed(of(touch), flag, "touch_event", "touch_start"),
      max_touch_points: number(read(touch, "maxTouchPoints")),
    }),
    oscpu: text(value("osCpu")),
    plugins: listOf(value("plugins"), upgradePlugin),
    indexed_db: flag(value("indexedDB")),
    fonts: texts(value("fonts")),
    ...renamed(value, number, "device_memory", "architecture", "hardware_concurrency", "color_depth", "audio"),
    ...renamed(value, text, "timezone", "date_time_locale", "vendor", "platform", "math"),
    ...renamed(value, flag, "cookies_enabled", "session_storage", "local_storage"),
  });
}

function upgradePlugin(plugin: unknown): PluginV4 | undefined {
  const name = text(read(plugin, "name"));
  if (name === undefined) return undefined;
  const types = listOf(read(plugin, "mimeTypes"), upgradeMimeType);
  return defined({ name, description: text(read(plugin, "description")), mimeTypes: types });
}

function upgradeMimeType(type: unknown): MimeTypeV4 {
  return defined(renamed(of(type), text, "type", "suffixes", "description"));
}
