(** * Network.v : networks of tanh units, as an instance of the general theorems

    A unit j reads a number phi_j(a) off the state (its own component, say) and adds
    tanh(phi_j(a)) times a vector c_j (column j of the weight matrix W):

        M(a) = c_1 tanh(phi_1 a) + ... + c_n tanh(phi_n a)  =  W tanh a . *)

From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Book Require Import Latch Contraction.
Open Scope R_scope.

Section Network.
Context {V : NormedModule R_AbsRing}.

Fixpoint network (units : list ((V -> R) * V)) (a : V) : V :=
  match units with
  | nil => zero
  | (phi, c) :: rest => (tanh (phi a) * c + network rest a)%V
  end.

(** Its derivative M'(a), applied to v *)
Fixpoint network' (units : list ((V -> R) * V)) (a v : V) : V :=
  match units with
  | nil => zero
  | (phi, c) :: rest => (((1 - tanh (phi a) ^ 2) * phi v) * c + network' rest a v)%V
  end.

Definition linear_units (units : list ((V -> R) * V)) : Prop :=
  forall phi c, In (phi, c) units -> @is_linear R_AbsRing V R_NormedModule phi.

(** The derivative of a network W tanh a is the sum over its units that calculus gives. *)
Theorem derive_network units a : linear_units units ->
  derivative (network units) a (network' units a).
Proof.
  induction units as [| [phi c] rest IH]; intros Hlin.
  - apply filterdiff_const.
  - assert (Hphi : @is_linear R_AbsRing V R_NormedModule phi)
      by (apply (Hlin phi c); left; reflexivity).
    assert (Hrest : linear_units rest) by (intros p d Hin; apply (Hlin p d); right; exact Hin).
    apply (filterdiff_plus_fct (F := locally a) (fun x => scal (tanh (phi x)) c) (network rest)
      (fun v => scal ((1 - tanh (phi a) ^ 2) * phi v) c) (network' rest a)); [| apply IH, Hrest].
    apply (filterdiff_comp' (fun x => tanh (phi x)) (fun r : R_NormedModule => scal r c) a
      (fun v => (1 - tanh (phi a) ^ 2) * phi v) (fun r : R_NormedModule => scal r c)).
    + apply (filterdiff_ext_lin _ (fun v : V => scal (phi v : R_NormedModule) (1 - tanh (phi a) ^ 2))).
      * apply (filterdiff_comp' (V := R_NormedModule) phi tanh a phi
          (fun r : R_NormedModule => scal r (1 - tanh (phi a) ^ 2)));
          [apply filterdiff_linear, Hphi | apply derive_tanh].
      * intros v. unfold scal; simpl. unfold mult; simpl. ring.
    + apply filterdiff_linear. apply (is_linear_scal_l c).
Qed.

(** For a network of any size, in any norm: if one k < 1 bounds the norm of M' along a trajectory,
    the gradient is at most k^t. *)
Theorem network_gradient_vanishes units u a0 k : linear_units units -> 0 <= k < 1 ->
  (forall t, op_norm_le (network' units (run (network units) u a0 t)) k) ->
  forall t,
    derivative (fun x => run (network units) u x t) a0
               (back (network units) (network' units) u a0 t) /\
    op_norm_le (back (network units) (network' units) u a0 t) (k ^ t).
Proof.
  intros Hlin Hk Hn. apply theorem_4; [exact Hk | | exact Hn].
  intros t. apply derive_network, Hlin.
Qed.
End Network.
