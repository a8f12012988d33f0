/**
 * The attributes of a browser or device that a v4 event has as they were collected. Fingerprint may change them at any
 * time.
 *
 * @module
 */

/** Attributes of the browser or device. What the platform does not have is absent. */
export interface RawDeviceAttributesV4 {
  /** Widths of text in the canonical fonts, in CSS pixels. */
  readonly font_preferences?: FontPreferencesV4;
  /** The box of an emoji as the browser draws it. */
  readonly emoji?: EmojiV4;
  /** Fonts that were found. */
  readonly fonts?: string[];
  /** The memory, rounded, in gigabytes. */
  readonly device_memory?: number;
  /** The time zone, such as `America/Sao_Paulo`. */
  readonly timezone?: string;
  /** Hashes of what a canvas draws. */
  readonly canvas?: CanvasV4;
  /** The preferred languages, a list for each API that reports them. */
  readonly languages?: string[][];
  /** Hashes of what WebGL supports. */
  readonly webgl_extensions?: WebGlExtensionsV4;
  /** Names that WebGL reports. */
  readonly webgl_basics?: WebGlBasicsV4;
  /** The screen's width and height, in pixels. */
  readonly screen_resolution?: number[];
  /** What the browser says of touch. */
  readonly touch_support?: TouchSupportV4;
  /** `navigator.oscpu`. */
  readonly oscpu?: string;
  /** A number that stands for the processor's architecture. */
  readonly architecture?: number;
  /** Whether cookies are enabled. */
  readonly cookies_enabled?: boolean;
  /** The number of logical processors. */
  readonly hardware_concurrency?: number;
  /** The locale of `Intl.DateTimeFormat`; `-1`, `-2` or `-3` where there is none. */
  readonly date_time_locale?: string;
  /** `navigator.vendor`. */
  readonly vendor?: string;
  /** The screen's colour depth, in bits. */
  readonly color_depth?: number;
  /** `navigator.platform`. */
  readonly platform?: string;
  /** Whether there is `sessionStorage`. */
  readonly session_storage?: boolean;
  /** Whether there is `localStorage`. */
  readonly local_storage?: boolean;
  /** A number that stands for the audio stack; -1, -2 or -3 where it cannot be had. */
  readonly audio?: number;
  /** `navigator.plugins`. */
  readonly plugins?: PluginV4[];
  /** Whether there is `indexedDB`. */
  readonly indexed_db?: boolean;
  /** A hash of results of `Math`. */
  readonly math?: string;
  /** Mobile: the device's model. */
  readonly device_model?: string;
  /** Mobile: the device's manufacturer. */
  readonly device_manufacturer?: string;
  /** A hash of the installed fonts. */
  readonly font_hash?: string;
  /** The time zone's offset from UTC, as `+02:00`. */
  readonly timezone_offset?: string;
  /** The battery's charge, in percent. */
  readonly battery_level?: number;
  /** Chromium: whether the battery is charging. */
  readonly battery_charging?: boolean;
  /** Mobile: whether the device saves power. */
  readonly battery_low_power_mode?: boolean;
  /** A hash of the keyboard's layout. */
  readonly keyboard_layout_hash?: string;
  /** Chromium: the keyboard's layout, such as `de-DE`. */
  readonly keyboard_layout_name?: string;
}

/** Widths of text in the canonical fonts, in CSS pixels. */
export interface FontPreferencesV4 {
  /** The default font. */
  readonly default?: number;
  /** `serif`. */
  readonly serif?: number;
  /** `sans-serif`. */
  readonly sans?: number;
  /** `monospace`. */
  readonly mono?: number;
  /** Apple's system font. */
  readonly apple?: number;
  /** The default font at the smallest size. */
  readonly min?: number;
  /** `system-ui`. */
  readonly system?: number;
}

/** The box of an emoji as the browser draws it, in CSS pixels. */
export interface EmojiV4 {
  /** The font that draws it. */
  readonly font?: string;
  /** The box's width. */
  readonly width?: number;
  /** The box's height. */
  readonly height?: number;
  /** The box's top edge. */
  readonly top?: number;
  /** The box's bottom edge. */
  readonly bottom?: number;
  /** The box's left edge. */
  readonly left?: number;
  /** The box's right edge. */
  readonly right?: number;
  /** The box's origin, across. */
  readonly x?: number;
  /** The box's origin, down. */
  readonly y?: number;
}

/** Hashes of what a canvas draws. */
export interface CanvasV4 {
  /** Whether the canvas supports the winding rule. */
  readonly winding?: boolean;
  /** A hash of drawn shapes, or why there is none. */
  readonly geometry?: string;
  /** A hash of drawn text, or why there is none. */
  readonly text?: string;
}

/** Hashes of what WebGL supports. */
export interface WebGlExtensionsV4 {
  /** A hash of the context's attributes. */
  readonly context_attributes?: string;
  /** A hash of the parameters. */
  readonly parameters?: string;
  /** A hash of the shaders' precisions. */
  readonly shader_precisions?: string;
  /** A hash of the extensions. */
  readonly extensions?: string;
  /** A hash of the extensions' parameters. */
  readonly extension_parameters?: string;
  /** Extensions that are not supported. */
  readonly unsupported_extensions?: string[];
}

/** Names that WebGL reports. */
export interface WebGlBasicsV4 {
  /** The version of WebGL. */
  readonly version?: string;
  /** The vendor that the browser names. */
  readonly vendor?: string;
  /** The graphics processor's vendor. */
  readonly vendor_unmasked?: string;
  /** The renderer that the browser names. */
  readonly renderer?: string;
  /** The graphics processor. */
  readonly renderer_unmasked?: string;
  /** The version of the shading language. */
  readonly shading_language_version?: string;
}

/** What the browser says of touch. */
export interface TouchSupportV4 {
  /** Whether touch events can be created. */
  readonly touch_event?: boolean;
  /** Whether there is `ontouchstart`. */
  readonly touch_start?: boolean;
  /** How many fingers the screen tells apart. */
  readonly max_touch_points?: number;
}

/** A plugin of the browser. */
export interface PluginV4 {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly description?: string;
  /** The types that it handles. The name is in camelCase, as the vendor sends it. */
  readonly mimeTypes?: MimeTypeV4[];
}

/** A type that a plugin handles. */
export interface MimeTypeV4 {
  /** The media type, such as `application/pdf`. */
  readonly type?: string;
  /** File name extensions. */
  readonly suffixes?: string;
  /** What it is. */
  readonly description?: string;
}
