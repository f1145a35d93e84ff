(** * Latch.v : the latch neuron  a_t = w tanh a_{t-1} + h_t

    Machine-checked companion of the chapter "A neuron that latches". *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

(** ** Definitions: everything that a reader has to trust *)

Definition M (w a : R) : R := w * tanh a.                  (* one step without input *)
Definition slope (w a : R) : R := w * (1 - tanh a ^ 2).    (* M', see [derive_M] *)
Definition arcosh (x : R) : R := ln (x + sqrt (x ^ 2 - 1)).
Definition a_star (w : R) : R := arcosh (sqrt w).
Definition h_star (w : R) : R := sqrt (w * (w - 1)) - arcosh (sqrt w).

(** [state f h a0 t] is a_t, where a_t = f a_{t-1} + h_t for t = 1, 2, ... *)
Fixpoint state (f : R -> R) (h : nat -> R) (a0 : R) (t : nat) : R :=
  match t with
  | O => a0
  | S s => f (state f h a0 s) + h t
  end.

(** The product of the slopes along the way: d a_t / d a_0, see [derive_state]. *)
Fixpoint gradient (f f' : R -> R) (h : nat -> R) (a0 : R) (t : nat) : R :=
  match t with
  | O => 1
  | S s => f' (state f h a0 s) * gradient f f' h a0 s
  end.

(** "a is the attractor a_+" *)
Definition upper (w a : R) : Prop := 0 < a /\ M w a = a.

(** ** The hyperbolic functions *)

Lemma cosh_pos a : 0 < cosh a.
Proof. unfold cosh. pose proof (exp_pos a). pose proof (exp_pos (- a)). lra. Qed.

Lemma cosh2_sinh2 a : cosh a ^ 2 - sinh a ^ 2 = 1.
Proof.
  unfold cosh, sinh.
  assert (E : exp a * exp (- a) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
  nra.
Qed.

Lemma tanh_sech a : 1 - tanh a ^ 2 = / cosh a ^ 2.
Proof.
  unfold tanh. pose proof (cosh_pos a). pose proof (cosh2_sinh2 a).
  replace (1 - (sinh a / cosh a) ^ 2)
     with ((cosh a ^ 2 - sinh a ^ 2) / cosh a ^ 2) by (field; lra).
  rewrite H0. field. lra.
Qed.

Lemma sech2_pos a : 0 < 1 - tanh a ^ 2.
Proof.
  rewrite tanh_sech. apply Rinv_0_lt_compat, pow_lt, cosh_pos.
Qed.

Lemma tanh_bounds a : -1 < tanh a < 1.
Proof. pose proof (sech2_pos a). nra. Qed.

Lemma tanh_0 : tanh 0 = 0.
Proof. unfold tanh. rewrite sinh_0. unfold Rdiv. ring. Qed.

Lemma tanh_odd a : tanh (- a) = - tanh a.
Proof. unfold tanh, sinh, cosh. rewrite Ropp_involutive. field.
  pose proof (exp_pos a). pose proof (exp_pos (- a)). lra. Qed.

Lemma derive_tanh a : is_derive tanh a (1 - tanh a ^ 2).
Proof.
  pose proof (cosh_pos a). unfold tanh. auto_derive; [lra | field; lra].
Qed.

(** The slope is the derivative of the map. *)
Theorem derive_M w a : is_derive (M w) a (slope w a).
Proof.
  unfold M, slope. apply (is_derive_scal tanh a w), derive_tanh.
Qed.

(** ** Tools: the mean value theorem, and what it says about growth *)

Lemma mean_value (f f' : R -> R) p q :
  p < q -> (forall x, p <= x <= q -> is_derive f x (f' x)) ->
  exists c, p < c < q /\ f q - f p = f' c * (q - p).
Proof.
  intros Hpq Hd.
  destruct (MVT_cor2 f f' p q Hpq) as (c & E & Hc).
  - intros c Hc. apply is_derive_Reals, Hd, Hc.
  - exists c. split; assumption.
Qed.

Lemma rises (f f' : R -> R) p q :
  p < q -> (forall x, p <= x <= q -> is_derive f x (f' x)) ->
  (forall x, p < x < q -> 0 < f' x) -> f p < f q.
Proof.
  intros Hpq Hd Hpos. destruct (mean_value f f' p q Hpq Hd) as (c & Hc & E).
  specialize (Hpos c Hc). nra.
Qed.

Lemma tanh_incr a b : a < b -> tanh a < tanh b.
Proof.
  intros Hab. apply (rises tanh (fun x => 1 - tanh x ^ 2)); [exact Hab | |].
  - intros x _. apply derive_tanh.
  - intros x _. apply sech2_pos.
Qed.

Lemma tanh_pos a : 0 < a -> 0 < tanh a.
Proof. intros H. rewrite <- tanh_0. apply tanh_incr, H. Qed.

Lemma tanh_incr_le a b : a <= b -> tanh a <= tanh b.
Proof. intros [H | ->]; [left; apply tanh_incr, H | right; reflexivity]. Qed.

Lemma M_incr w a b : 0 < w -> a <= b -> M w a <= M w b.
Proof. intros. apply Rmult_le_compat_l; [lra | apply tanh_incr_le; assumption]. Qed.

Lemma M_pos w a : 0 < w -> 0 < a -> 0 < M w a.
Proof. intros. apply Rmult_lt_0_compat; [assumption | apply tanh_pos; assumption]. Qed.

Lemma slope_pos w a : 0 < w -> 0 < slope w a.
Proof. intros. apply Rmult_lt_0_compat; [lra | apply sech2_pos]. Qed.

(** The slope falls strictly with the distance from 0. *)
Theorem slope_decr w a b : 0 < w -> 0 <= a < b -> slope w b < slope w a.
Proof.
  intros Hw Hab. unfold slope. apply Rmult_lt_compat_l; [exact Hw |].
  assert (0 <= tanh a) by (rewrite <- tanh_0; apply tanh_incr_le; lra).
  pose proof (tanh_incr a b (proj2 Hab)). nra.
Qed.

(** The slope is the same at a and at -a. *)
Theorem slope_even w a : slope w (- a) = slope w a.
Proof. unfold slope. rewrite tanh_odd. ring. Qed.

(** ** The point a*, where the slope is 1 *)

Lemma cosh_arcosh x : 1 <= x -> cosh (arcosh x) = x.
Proof.
  intros Hx. unfold arcosh, cosh.
  assert (Hs : 0 <= sqrt (x ^ 2 - 1)) by apply sqrt_pos.
  assert (Hq : sqrt (x ^ 2 - 1) * sqrt (x ^ 2 - 1) = x ^ 2 - 1) by (apply sqrt_sqrt; nra).
  rewrite exp_Ropp, exp_ln by lra.
  apply Rmult_eq_reg_r with (2 * (x + sqrt (x ^ 2 - 1))); [| lra].
  field_simplify; [| lra]. nra.
Qed.

Lemma arcosh_pos x : 1 < x -> 0 < arcosh x.
Proof.
  intros Hx. unfold arcosh. rewrite <- ln_1. apply ln_increasing; [lra |].
  pose proof (sqrt_pos (x ^ 2 - 1)). lra.
Qed.

Lemma sqrt_gt_1 w : 1 < w -> 1 < sqrt w.
Proof. intros. rewrite <- sqrt_1. apply sqrt_lt_1; lra. Qed.

Lemma a_star_pos w : 1 < w -> 0 < a_star w.
Proof. intros. apply arcosh_pos, sqrt_gt_1, H. Qed.

Lemma cosh2_a_star w : 1 < w -> cosh (a_star w) ^ 2 = w.
Proof.
  intros. unfold a_star. rewrite cosh_arcosh by (left; apply sqrt_gt_1, H).
  rewrite <- Rsqr_pow2. apply Rsqr_sqrt. lra.
Qed.

(** At a_star the slope is 1. *)
Theorem slope_a_star w : 1 < w -> slope w (a_star w) = 1.
Proof.
  intros. unfold slope. rewrite tanh_sech, cosh2_a_star by assumption. field. lra.
Qed.

(** On the positive side the slope is 1 nowhere else. *)
Theorem slope_1_only w a : 1 < w -> 0 <= a -> slope w a = 1 -> a = a_star w.
Proof.
  intros Hw Ha E. pose proof (a_star_pos w Hw). pose proof (slope_a_star w Hw).
  destruct (Rtotal_order a (a_star w)) as [L | [L | L]]; [| exact L |].
  - pose proof (slope_decr w a (a_star w) ltac:(lra) ltac:(lra)). lra.
  - pose proof (slope_decr w (a_star w) a ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma slope_lt_1 w a : 1 < w -> a_star w < a -> slope w a < 1.
Proof.
  intros. pose proof (a_star_pos w H). rewrite <- (slope_a_star w H).
  apply slope_decr; lra.
Qed.

Lemma slope_gt_1 w a : 1 < w -> 0 <= a < a_star w -> 1 < slope w a.
Proof.
  intros. rewrite <- (slope_a_star w H). apply slope_decr; lra.
Qed.

Lemma tanh_a_star w : 1 < w -> tanh (a_star w) = sqrt ((w - 1) / w).
Proof.
  intros Hw. symmetry. apply sqrt_lem_1.
  - apply Rlt_le, Rdiv_lt_0_compat; lra.
  - left. apply tanh_pos, a_star_pos, Hw.
  - pose proof (tanh_sech (a_star w)) as T. rewrite cosh2_a_star in T by exact Hw.
    replace ((w - 1) / w) with (1 - / w) by (field; lra). nra.
Qed.

(** ** The threshold h* *)

(** The closed form of h_star is M(a_star) - a_star, the height of the curve above the diagonal at
    a_star. *)
Theorem h_star_touch w : 1 < w -> h_star w = M w (a_star w) - a_star w.
Proof.
  intros Hw. unfold h_star, M, a_star. f_equal. fold (a_star w).
  rewrite tanh_a_star by exact Hw.
  replace (w * (w - 1)) with (w ^ 2 * ((w - 1) / w)) by (field; lra).
  rewrite sqrt_mult_alt by nra. f_equal.
  rewrite <- Rsqr_pow2. apply sqrt_Rsqr. lra.
Qed.

(** The gap between diagonal and curve. *)
Definition gap (w a : R) : R := a - M w a.

Lemma derive_gap w a : is_derive (gap w) a (1 - slope w a).
Proof.
  unfold gap. apply (is_derive_minus (fun x => x) (M w) a 1 (slope w a)).
  - apply @is_derive_id.
  - apply derive_M.
Qed.

Lemma gap_0 w : gap w 0 = 0.
Proof. unfold gap, M. rewrite tanh_0. ring. Qed.

Lemma gap_a_star w : 1 < w -> gap w (a_star w) = - h_star w.
Proof. intros. rewrite h_star_touch by assumption. unfold gap. ring. Qed.

Lemma gap_falls w a b : 1 < w -> 0 <= a -> a < b <= a_star w -> gap w b < gap w a.
Proof.
  intros Hw Ha Hb.
  cut (- gap w a < - gap w b); [lra |].
  apply (rises (fun x => - gap w x) (fun x => - (1 - slope w x))); [lra | |].
  - intros x _. apply (is_derive_opp (gap w)), derive_gap.
  - intros x Hx. pose proof (slope_gt_1 w x Hw ltac:(lra)). lra.
Qed.

Lemma gap_rises w a b : 1 < w -> a_star w <= a < b -> gap w a < gap w b.
Proof.
  intros Hw Hab. apply (rises (gap w) (fun x => 1 - slope w x)); [lra | |].
  - intros x _. apply derive_gap.
  - intros x Hx. pose proof (slope_lt_1 w x Hw ltac:(lra)). lra.
Qed.

(** The margin h_star is positive for every w > 1. *)
Theorem h_star_pos w : 1 < w -> 0 < h_star w.
Proof.
  intros Hw. pose proof (a_star_pos w Hw).
  pose proof (gap_falls w 0 (a_star w) Hw ltac:(lra) ltac:(lra)) as G.
  rewrite gap_0, gap_a_star in G by exact Hw. lra.
Qed.

(** On the whole positive side the gap is least at a_star. *)
Lemma gap_min w a : 1 < w -> 0 <= a -> - h_star w <= gap w a.
Proof.
  intros Hw Ha. rewrite <- (gap_a_star w Hw).
  destruct (Rtotal_order a (a_star w)) as [L | [-> | L]]; [| lra |].
  - left. apply gap_falls; lra.
  - left. apply gap_rises; lra.
Qed.

(** ** Two attractors *)

Lemma continuity_gap w : continuity (gap w).
Proof.
  intros x. apply derivable_continuous_pt. exists (1 - slope w x).
  apply is_derive_Reals, derive_gap.
Qed.

(** For w > 1 exactly one positive state stays where it is without input: the attractor. *)
Theorem one_positive_fixed_point w : 1 < w -> exists! a, upper w a.
Proof.
  intros Hw. pose proof (a_star_pos w Hw) as Hs. pose proof (h_star_pos w Hw) as Hh.
  assert (Hlt : a_star w < w).
  { pose proof (h_star_touch w Hw). unfold M in *.
    pose proof (tanh_bounds (a_star w)). nra. }
  destruct (IVT (gap w) (a_star w) w (continuity_gap w) Hlt) as (a & Ha & E).
  - rewrite gap_a_star by exact Hw. lra.
  - unfold gap, M. pose proof (tanh_bounds w). nra.
  - exists a. unfold upper. unfold gap in E. split; [split; lra |].
    intros b [Hb Eb].
    assert (Gb : gap w b = 0) by (unfold gap; lra).
    assert (Ga : gap w a = 0) by (unfold gap; lra).
    assert (Sb : a_star w < b).
    { destruct (Rle_lt_dec b (a_star w)) as [L | L]; [| exact L].
      pose proof (gap_falls w 0 b Hw ltac:(lra) ltac:(lra)) as G.
      rewrite gap_0 in G. lra. }
    destruct (Rtotal_order a b) as [L | [L | L]]; [| exact L |].
    + pose proof (gap_rises w a b Hw ltac:(lra)). lra.
    + pose proof (gap_rises w b a Hw ltac:(lra)). lra.
Qed.

Lemma tanh_lt_id a : 0 < a -> tanh a < a.
Proof.
  intros Ha. cut (0 - tanh 0 < a - tanh a); [rewrite tanh_0; lra |].
  apply (rises (fun x => x - tanh x) (fun x => 1 - (1 - tanh x ^ 2))); [exact Ha | |].
  - intros x _. apply (is_derive_minus (fun x => x) tanh x 1 (1 - tanh x ^ 2)).
    + apply @is_derive_id.
    + apply derive_tanh.
  - intros x Hx. pose proof (tanh_pos x ltac:(lra)). nra.
Qed.

(** For w <= 1 no positive state stays where it is without input. *)
Theorem no_latch_below_1 w a : w <= 1 -> ~ upper w a.
Proof.
  intros Hw [Ha E]. unfold M in E.
  pose proof (tanh_pos a Ha). pose proof (tanh_lt_id a Ha). nra.
Qed.

(** The attractor lies beyond a_star. *)
Theorem upper_beyond w a : 1 < w -> upper w a -> a_star w < a.
Proof.
  intros Hw [Ha E]. destruct (Rle_lt_dec a (a_star w)) as [L | L]; [| exact L].
  pose proof (gap_falls w 0 a Hw ltac:(lra) ltac:(lra)) as G.
  rewrite gap_0 in G. unfold gap in G. lra.
Qed.

(** The map is odd, so that what holds on one side holds on the other. *)
Theorem mirror w a : M w (- a) = - M w a.
Proof. unfold M. rewrite tanh_odd. ring. Qed.

(** At the attractor the slope lies strictly between 0 and 1. *)
Theorem slope_at_attractor w a : 1 < w -> upper w a -> 0 < slope w a < 1.
Proof.
  intros Hw Ha. split; [apply slope_pos; lra |].
  apply slope_lt_1; [exact Hw | apply upper_beyond; assumption].
Qed.

(** At the attractor the slope is 2a / sinh(2a). *)
Theorem slope_at_attractor_closed w a :
  1 < w -> upper w a -> slope w a = 2 * a / sinh (2 * a).
Proof.
  intros Hw [Ha E]. unfold M, slope in *.
  pose proof (cosh_pos a) as Hc. pose proof (tanh_pos a Ha) as Ht.
  assert (Hs : 0 < sinh a).
  { replace (sinh a) with (tanh a * cosh a) by (unfold tanh; field; lra). nra. }
  assert (D : sinh (2 * a) = 2 * sinh a * cosh a).
  { unfold sinh, cosh. replace (2 * a) with (a + a) by ring.
    replace (- (a + a)) with (- a + - a) by ring. rewrite !exp_plus. field. }
  rewrite D, tanh_sech. rewrite <- E at 2. unfold tanh. field. lra.
Qed.

(** ** The basin *)

(** A limit under a constant input is a state of rest. *)
Lemma limit_at_rest w b y l :
  is_lim_seq (state (M w) (fun _ => b) y) (Finite l) -> M w l + b = l.
Proof.
  intros Hl.
  assert (Next : is_lim_seq (fun t => state (M w) (fun _ => b) y (S t)) (M w l + b)).
  { apply (is_lim_seq_plus' (fun t => M w (state (M w) (fun _ => b) y t)) (fun _ => b));
      [| apply is_lim_seq_const].
    apply (is_lim_seq_continuous (M w) _ l); [| exact Hl].
    apply derivable_continuous_pt. exists (slope w l). apply is_derive_Reals, derive_M. }
  apply is_lim_seq_incr_1 in Hl.
  pose proof (is_lim_seq_unique _ _ Next) as U. rewrite (is_lim_seq_unique _ _ Hl) in U.
  injection U as U. symmetry. exact U.
Qed.

Lemma only_upper w a b : 1 < w -> upper w a -> upper w b -> a = b.
Proof.
  intros Hw Ha Hb. destruct (one_positive_fixed_point w Hw) as (x & _ & U).
  rewrite <- (U a Ha). apply U, Hb.
Qed.

(** Below the attractor the curve is above the diagonal, beyond it below. *)
Lemma gap_below w a x : 1 < w -> upper w a -> 0 <= x <= a -> x <= M w x.
Proof.
  intros Hw Ha Hx. pose proof (upper_beyond w a Hw Ha) as B.
  cut (gap w x <= 0); [unfold gap; lra |].
  assert (G : gap w a = 0) by (destruct Ha as [_ E]; unfold gap; lra).
  destruct (Rle_lt_dec x (a_star w)) as [L | L].
  - destruct Hx as [[Hx | <-] _]; [| rewrite gap_0; lra].
    pose proof (gap_falls w 0 x Hw ltac:(lra) ltac:(lra)) as F. rewrite gap_0 in F. lra.
  - destruct Hx as [_ [Hx | ->]]; [| lra].
    pose proof (gap_rises w x a Hw ltac:(lra)). lra.
Qed.

Lemma gap_beyond w a x : 1 < w -> upper w a -> a <= x -> M w x <= x.
Proof.
  intros Hw Ha [Hx | <-]; [| destruct Ha as [_ E]; lra].
  pose proof (upper_beyond w a Hw Ha) as B.
  pose proof (gap_rises w a x Hw ltac:(lra)) as G.
  destruct Ha as [_ E]. unfold gap in G. lra.
Qed.

(** Without input a state tends to the positive attractor if and only if it is positive. *)
Theorem basin_is_the_positive_side w a y : 1 < w -> upper w a ->
  (is_lim_seq (state (M w) (fun _ => 0) y) a <-> 0 < y).
Proof.
  intros Hw Ha. set (c := state (M w) (fun _ => 0) y).
  assert (Ea : M w a = a) by apply Ha. assert (Pa : 0 < a) by apply Ha.
  split.
  - intros Hl. apply Rnot_le_lt. intros Hy.
    assert (N : forall t, c t <= 0).
    { intros t. induction t as [| t IH]; [exact Hy |]. unfold c in *. simpl.
      pose proof (M_incr w _ _ ltac:(lra) IH) as I.
      assert (Z : M w 0 = 0) by (unfold M; rewrite tanh_0; ring). lra. }
    pose proof (is_lim_seq_le c (fun _ => 0) a 0 N Hl (is_lim_seq_const 0)) as B.
    simpl in B. lra.
  - intros Hy.
    assert (Fixed : forall l, is_lim_seq c (Finite l) -> 0 < l -> is_lim_seq c a).
    { intros l Hl Pl. replace a with l; [exact Hl |]. apply (only_upper w); [exact Hw | | exact Ha].
      split; [exact Pl |]. pose proof (limit_at_rest w 0 y l Hl). lra. }
    destruct (Rle_lt_dec y a) as [L | L].
    + assert (In : forall t, y <= c t <= a).
      { intros t. induction t as [| t IH]; [unfold c; simpl; lra |].
        unfold c in *. simpl. pose proof (gap_below w a (state (M w) (fun _ => 0) y t) Hw Ha
          ltac:(lra)) as G.
        pose proof (M_incr w _ _ ltac:(lra) (proj2 IH)). lra. }
      destruct (ex_finite_lim_seq_incr c a) as (l & Hl).
      * intros t. specialize (In t). unfold c in *. simpl.
        pose proof (gap_below w a (state (M w) (fun _ => 0) y t) Hw Ha ltac:(lra)). lra.
      * intros t. apply In.
      * apply (Fixed l Hl). apply Rlt_le_trans with y; [exact Hy |].
        apply (is_lim_seq_le (fun _ => y) c y l); [apply In | apply is_lim_seq_const | exact Hl].
    + assert (In : forall t, a <= c t).
      { intros t. induction t as [| t IH]; [unfold c; simpl; lra |].
        unfold c in *. simpl. pose proof (M_incr w _ _ ltac:(lra) IH). lra. }
      destruct (ex_finite_lim_seq_decr c a) as (l & Hl).
      * intros t. specialize (In t). unfold c in *. simpl.
        pose proof (gap_beyond w a _ Hw Ha In). lra.
      * exact In.
      * apply (Fixed l Hl). apply Rlt_le_trans with a; [exact Pa |].
        apply (is_lim_seq_le (fun _ => a) c a l); [exact In | apply is_lim_seq_const | exact Hl].
Qed.

(** ** The threshold is an area *)

(** h_star is the integral of 1 - slope from a_star to the attractor. *)
Theorem h_star_area w a : 1 < w -> upper w a ->
  is_RInt (fun y => 1 - slope w y) (a_star w) a (h_star w).
Proof.
  intros Hw Ha.
  replace (h_star w) with (minus (gap w a) (gap w (a_star w))).
  - apply (is_RInt_derive (gap w)).
    + intros x _. apply derive_gap.
    + intros x _. apply (ex_derive_continuous (fun y => 1 - slope w y)).
      unfold slope. pose proof (derive_tanh x) as D.
      apply (ex_derive_minus (fun _ => 1) (fun y => w * (1 - tanh y ^ 2))).
      * apply ex_derive_const.
      * apply (ex_derive_scal (fun y => 1 - tanh y ^ 2)).
        apply (ex_derive_minus (fun _ => 1) (fun y => tanh y ^ 2)).
        -- apply ex_derive_const.
        -- apply (ex_derive_pow tanh 2). eexists. exact D.
  - unfold minus, plus, opp; simpl. rewrite gap_a_star by exact Hw.
    destruct Ha as [_ E]. unfold gap. lra.
Qed.

(** ** The threshold holds: noise up to h* never flips the bit *)

(** A state at or below -a_star stays there under all inputs of at most h_star; inputs downwards
    may have any size. *)
Theorem bit_is_kept w h a0 :
  1 < w -> a0 <= - a_star w -> (forall t, h t <= h_star w) ->
  forall t, state (M w) h a0 t <= - a_star w.
Proof.
  intros Hw H0 Hh t. induction t as [| t IH]; [exact H0 |].
  simpl. apply (M_incr w) in IH; [| lra]. rewrite mirror in IH.
  pose proof (h_star_touch w Hw). specialize (Hh (S t)). lra.
Qed.

(** A state at or below -a_star stays there under inputs of size at most h_star. *)
Corollary bit_is_kept_abs w h a0 :
  1 < w -> a0 <= - a_star w -> (forall t, Rabs (h t) <= h_star w) ->
  forall t, state (M w) h a0 t <= - a_star w.
Proof.
  intros Hw H0 Hh. apply bit_is_kept; [assumption .. |].
  intros t. specialize (Hh t). apply Rabs_le_between in Hh. lra.
Qed.

(** A trajectory and its mirror image *)
Lemma state_mirror w h a0 t :
  state (M w) (fun s => - h s) (- a0) t = - state (M w) h a0 t.
Proof. induction t as [| t IH]; simpl; [| rewrite IH, mirror; ring]; reflexivity. Qed.

(** The mirror image: a state at or above a_star stays there under inputs of size at most h_star.
    *)
Corollary bit_is_kept_above w h a0 :
  1 < w -> a_star w <= a0 -> (forall t, Rabs (h t) <= h_star w) ->
  forall t, a_star w <= state (M w) h a0 t.
Proof.
  intros Hw H0 Hh t. apply Ropp_le_cancel. rewrite <- state_mirror.
  apply bit_is_kept_abs; [exact Hw | lra |]. intros s. rewrite Rabs_Ropp. apply Hh.
Qed.

(** From the negative attractor, under inputs of size at most h_star, the state stays negative for
    ever. *)
Corollary bit_is_kept_from_attractor w h a :
  1 < w -> upper w a -> (forall t, Rabs (h t) <= h_star w) ->
  forall t, state (M w) h (- a) t < 0.
Proof.
  intros Hw Ha Hh t. pose proof (upper_beyond w a Hw Ha). pose proof (a_star_pos w Hw).
  apply Rle_lt_trans with (- a_star w); [| lra].
  apply bit_is_kept_abs; [assumption | lra | assumption].
Qed.

(** ** The threshold is sharp: inputs above it flip the bit *)

(** Below 0 every step gains at least h - h_star. *)
Lemma step_gain w a : 1 < w -> a <= 0 -> a - h_star w <= M w a.
Proof.
  intros Hw Ha. pose proof (gap_min w (- a) Hw ltac:(lra)) as G.
  unfold gap in G. rewrite mirror in G. lra.
Qed.

Lemma gain_adds_up w h k a0 : 1 < w -> h_star w < k -> (forall t, k <= h t) ->
  forall t, 0 < state (M w) h a0 t \/ a0 + INR t * (k - h_star w) <= state (M w) h a0 t.
Proof.
  intros Hw Hk Hh t. induction t as [| t [IH | IH]].
  - right. simpl. lra.
  - left. simpl. specialize (Hh (S t)). pose proof (h_star_pos w Hw).
    pose proof (M_pos w _ ltac:(lra) IH). lra.
  - destruct (Rle_lt_dec (state (M w) h a0 t) 0) as [L | L].
    + right. rewrite S_INR. simpl. specialize (Hh (S t)).
      pose proof (step_gain w _ Hw L). lra.
    + left. simpl. specialize (Hh (S t)). pose proof (h_star_pos w Hw).
      pose proof (M_pos w _ ltac:(lra) L). lra.
Qed.

(** Inputs of at least k > h_star make the state positive, from any start: at every time t with t
    (k - h_star) > -a0. *)
Theorem bit_flips w h k a0 : 1 < w -> h_star w < k -> (forall t, k <= h t) ->
  forall t, - a0 < INR t * (k - h_star w) -> 0 < state (M w) h a0 t.
Proof.
  intros Hw Hk Hh t Ht. destruct (gain_adds_up w h k a0 Hw Hk Hh t); lra.
Qed.

(** Under inputs of at least k > h_star there is a time from which the state stays positive. *)
Corollary bit_flips_eventually w h k a0 : 1 < w -> h_star w < k -> (forall t, k <= h t) ->
  exists T, forall t, (T <= t)%nat -> 0 < state (M w) h a0 t.
Proof.
  intros Hw Hk Hh. destruct (nfloor_ex (Rabs a0 / (k - h_star w))) as (n & _ & Hn).
  { apply Rdiv_le_0_compat; [apply Rabs_pos | lra]. }
  exists (S n). intros t Ht. apply (bit_flips w h k); [assumption .. |].
  apply Rmult_lt_compat_r with (r := k - h_star w) in Hn; [| lra].
  unfold Rdiv in Hn. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hn by lra.
  apply Rle_lt_trans with (Rabs a0); [rewrite <- Rabs_Ropp; apply Rle_abs |].
  apply Rlt_le_trans with (1 := Hn). apply Rmult_le_compat_r; [lra |].
  rewrite <- S_INR. apply le_INR, Ht.
Qed.

(** Larger inputs give larger states, at every time. *)
Theorem sooner w h k a0 : 1 < w -> (forall t, h t <= k t) ->
  forall t, state (M w) h a0 t <= state (M w) k a0 t.
Proof.
  intros Hw Hk t. induction t as [| t IH]; simpl; [lra |].
  apply Rplus_le_compat; [apply M_incr; lra | apply Hk].
Qed.

(** ** How the threshold depends on the weight *)

(** The derivative of h_star in w is sqrt((w - 1) / w). *)
Theorem derive_h_star w : 1 < w -> is_derive h_star w (sqrt ((w - 1) / w)).
Proof.
  intros Hw. unfold h_star, arcosh.
  pose proof (sqrt_lt_R0 w ltac:(lra)) as S. pose proof (sqrt_sqrt w ltac:(lra)) as SS.
  pose proof (sqrt_lt_R0 (w - 1) ltac:(lra)) as R.
  pose proof (sqrt_sqrt (w - 1) ltac:(lra)) as RR.
  assert (E : sqrt w ^ 2 - 1 = w - 1) by (rewrite <- SS at 2; ring).
  assert (E2 : sqrt w * (sqrt w * 1) + - (1) = w - 1) by lra.
  auto_derive.
  - rewrite E2. repeat split; try lra; nra.
  - change (w + - (1)) with (w - 1). rewrite E2.
    rewrite sqrt_mult, sqrt_div by lra.
    replace (1 * (w - 1) + w * 1) with (sqrt (w - 1) * sqrt (w - 1) + sqrt w * sqrt w) by lra.
    assert (L : sqrt w * sqrt w = sqrt (w - 1) * sqrt (w - 1) + 1) by lra.
    revert S R L. generalize (sqrt w) (sqrt (w - 1)). intros s r S R L.
    transitivity ((s * s + r * r - 1) / (2 * s * r)); [field; lra |].
    rewrite L. field. lra.
Qed.

(** The margin h_star grows strictly with the weight. *)
Theorem h_star_incr v w : 1 < v < w -> h_star v < h_star w.
Proof.
  intros Hvw. apply (rises h_star (fun w => sqrt ((w - 1) / w))); [lra | |].
  - intros x Hx. apply derive_h_star. lra.
  - intros x Hx. apply sqrt_lt_R0, Rdiv_lt_0_compat; lra.
Qed.
