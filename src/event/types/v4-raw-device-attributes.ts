/**
 * The raw attributes of a browser or device in a v4 event, as they were collected. Fingerprint may change them at any
 * time.
 *
 * @module
 */

/** Attributes of the browser or device. An attribute that the platform does not have is absent. */
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
  /** Hashes of canvas drawings. */
  readonly canvas?: CanvasV4;
  /** The preferred languages, a list for each API that reports them. */
  readonly languages?: string[][];
  /** Hashes of the WebGL capabilities. */
  readonly webgl_extensions?: WebGlExtensionsV4;
  /** Names that WebGL reports. */
  readonly webgl_basics?: WebGlBasicsV4;
  /** The screen's width and height, in pixels. */
  readonly screen_resolution?: number[];
  /** The browser's touch support. */
  readonly touch_support?: TouchSupportV4;
  /** `navigator.oscpu`. */
  readonly oscpu?: string;
  /** A number that stands for the processor's architecture. */
  readonly architecture?: number;
  /** Whether cookies are enabled. */
  readonly cookies_enabled?: boolean;
  /** The number of logical processors. */
  readonly hardware_concurrency?: number;
  /** The locale of `Intl.DateTimeFormat`; `-1`, `-2` or `-3` where it is unavailable. */
  readonly date_time_locale?: string;
  /** `navigator.vendor`. */
  readonly vendor?: string;
  /** The screen's colour depth, in bits. */
  readonly color_depth?: number;
  /** `navigator.platform`. */
  readonly platform?: string;
  /** Whether `sessionStorage` exists. */
  readonly session_storage?: boolean;
  /** Whether `localStorage` exists. */
  readonly local_storage?: boolean;
  /** A number that stands for the audio stack; -1, -2 or -3 where it is unavailable. */
  readonly audio?: number;
  /** `navigator.plugins`. */
  readonly plugins?: PluginV4[];
  /** Whether `indexedDB` exists. */
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
  /** The horizontal position of the box's origin. */
  readonly x?: number;
  /** The vertical position of the box's origin. */
  readonly y?: number;
}

/** Hashes of canvas drawings. */
export interface CanvasV4 {
  /** Whether the canvas supports the winding rule. */
  readonly winding?: boolean;
  /** A hash of drawn shapes, or why it is unavailable. */
  readonly geometry?: string;
  /** A hash of drawn text, or why it is unavailable. */
  readonly text?: string;
}

/** Hashes of the WebGL capabilities. */
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

/** The browser's touch support. */
export interface TouchSupportV4 {
  /** Whether touch events can be created. */
  readonly touch_event?: boolean;
  /** Whether `ontouchstart` exists. */
  readonly touch_start?: boolean;
  /** How many simultaneous touch points the screen supports. */
  readonly max_touch_points?: number;
}

/** A plugin of the browser. */
export interface PluginV4 {
  /** Its name. */
  readonly name: string;
  /** Its description. */
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
  /** The type's description. */
  readonly description?: string;
}
